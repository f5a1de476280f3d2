namespace Enrichment.Normalization.Tests;

public sealed class PersonNameTests
{
    [Theory]
    [InlineData("Jane Doe", "Jane", "Doe", "Jane Doe")]
    [InlineData("  jane   doe ", "Jane", "Doe", "Jane Doe")]
    [InlineData("JANE DOE", "Jane", "Doe", "Jane Doe")]
    [InlineData("MARY O'TOOLE", "Mary", "O'Toole", "Mary O'Toole")]
    [InlineData("mary o’toole", "Mary", "O'Toole", "Mary O'Toole")]
    [InlineData("RONALD MCDONALD", "Ronald", "McDonald", "Ronald McDonald")]
    [InlineData("flora macdonald", "Flora", "MacDonald", "Flora MacDonald")]
    [InlineData("A\u2126\u0345\u0301 DOE", "A\u1FF4", "Doe", "A\u1FF4 Doe")]
    [InlineData("JAN VAN DER BERG", "Jan", "van der Berg", "Jan van der Berg")]
    [InlineData("Vincent van Gogh", "Vincent", "van Gogh", "Vincent van Gogh")]
    [InlineData("EDDIE VAN", "Eddie", "Van", "Eddie Van")]
    [InlineData("ANNA-LENA MÜLLER-LÜDENSCHEIDT", "Anna-Lena", "Müller-Lüdenscheidt", "Anna-Lena Müller-Lüdenscheidt")]
    [InlineData("Mary Jane Watson", "Mary", "Watson", "Mary Jane Watson")]
    [InlineData("Dr. Jane Doe, PhD, MBA", "Jane", "Doe", "Jane Doe")]
    [InlineData("Jane Doe PhD", "Jane", "Doe", "Jane Doe")]
    [InlineData("Prof. Dr. Jane Doe", "Jane", "Doe", "Jane Doe")]
    [InlineData("John Smith Jr.", "John", "Smith", "John Smith")]
    [InlineData("Jane Doe, CISSP, XYZ", "Jane", "Doe", "Jane Doe")]
    [InlineData("Doe, Jane", "Jane", "Doe", "Jane Doe")]
    [InlineData("DOE, JANE, MD", "Jane", "Doe", "Jane Doe")]
    [InlineData("van der Berg, Jan", "Jan", "van der Berg", "Jan van der Berg")]
    [InlineData("Yo-Yo Ma", "Yo-Yo", "Ma", "Yo-Yo Ma")]
    [InlineData("Jane Doe MA", "Jane", "Doe", "Jane Doe")]
    [InlineData("Jane Doe 🚀", "Jane", "Doe", "Jane Doe")]
    [InlineData("👩🏽‍💻 Jane Doe ✨", "Jane", "Doe", "Jane Doe")]
    [InlineData("𝓙𝓪𝓷𝓮 𝓓𝓸𝓮", "Jane", "Doe", "Jane Doe")]
    [InlineData("Jane (Smith) Doe (she/her)", "Jane", "Doe", "Jane Doe")]
    [InlineData("Robert \"Bob\" Smith", "Robert", "Smith", "Robert Smith")]
    [InlineData("Jane Doe | We are hiring!", "Jane", "Doe", "Jane Doe")]
    [InlineData("Jane Doe - CEO", "Jane", "Doe", "Jane Doe")]
    [InlineData("José Núñez", "José", "Núñez", "José Núñez")]
    [InlineData("Jose\u0301 Núñez", "José", "Núñez", "José Núñez")]
    [InlineData("Jane", "Jane", null, "Jane")]
    [InlineData("Dr. Doe", null, "Doe", "Doe")]
    [InlineData("Dr.>(YT-", null, "Yt", "Yt")]
    [InlineData("山田太郎", null, null, "山田太郎")]
    [InlineData("山田 太郎", "太郎", "山田", "山田 太郎")]
    [InlineData("محمد علي", "محمد", "علي", "محمد علي")]
    [InlineData("דוד כהן", "דוד", "כהן", "דוד כהן")]
    [InlineData("مهدی نمی\u200Cدانم", "مهدی", "نمی\u200Cدانم", "مهدی نمی\u200Cدانم")]
    [InlineData("J.R.R. Tolkien", "J.R.R.", "Tolkien", "J.R.R. Tolkien")]
    [InlineData("JT Smith", "JT", "Smith", "JT Smith")]
    [InlineData("JT SMITH", "JT", "Smith", "JT Smith")]
    [InlineData("AL SMITH", "Al", "Smith", "Al Smith")]
    [InlineData("Jane DOE", "Jane", "Doe", "Jane Doe")]
    [InlineData("jane Doe", "Jane", "Doe", "Jane Doe")]
    [InlineData("ЯНА СМИТ", "Яна", "Смит", "Яна Смит")]
    [InlineData("DeAndre McCarthy", "DeAndre", "McCarthy", "DeAndre McCarthy")]
    [InlineData("John and Jane Stone", "John", "Stone", "John Stone")]
    [InlineData("John & Jane Stone", "John", "Stone", "John Stone")]
    [InlineData("John Stone and Jane Doe", "John", "Stone", "John Stone")]
    [InlineData("John & Jane", "John", null, "John")]
    [InlineData("Mr. & Mrs. John Stone", "John", "Stone", "John Stone")]
    [InlineData("Herr und Frau Müller", null, "Müller", "Müller")]
    [InlineData("José Ortega y Gasset", "José", "y Gasset", "José Ortega y Gasset")]
    [InlineData("St. John, David", "David", "St. John", "David St. John")]
    [InlineData("David St. John", "David", "St. John", "David St. John")]
    [InlineData("Kai Stone, acme.io", "Kai", "Stone", "Kai Stone")]
    [InlineData("Kai Stone, 3rd", "Kai", "Stone", "Kai Stone")]
    [InlineData("Henry Stone, VI", "Henry", "Stone", "Henry Stone")]
    [InlineData("ZoÃ« MÃ¼ller", "Zoë", "Müller", "Zoë Müller")]
    public void A_full_name_is_cleaned_and_taken_apart(string text, string? first, string? last, string full)
    {
        Assert.True(PersonName.TryParse(text, out var name));
        Assert.Equal(full, name.Full);
        Assert.Equal(first, name.First);
        Assert.Equal(last, name.Last);
    }

    [Theory]
    [InlineData("JANE", "DOE", null, "Jane", "Doe", "Jane Doe")]
    [InlineData("jan", "VAN DER BERG", null, "Jan", "van der Berg", "Jan van der Berg")]
    [InlineData("Mary", "Watson", "Mary Jane Watson", "Mary", "Watson", "Mary Jane Watson")]
    [InlineData("Jane", "null", "Jane Doe", "Jane", "Doe", "Jane Doe")]
    [InlineData("-", "Doe", "Jane Doe", "Jane", "Doe", "Jane Doe")]
    [InlineData("Mary Ann", "", "", "Mary Ann", null, "Mary Ann")]
    [InlineData("Mary Ann", "Doe", "Doe, Mary Ann", "Mary Ann", "Doe", "Mary Ann Doe")]
    [InlineData("Jane", "PhD", "Jane Doe", "Jane", "Doe", "Jane Doe")]
    [InlineData("Dr.", "Doe", "Dr. Jane Doe", "Jane", "Doe", "Jane Doe")]
    [InlineData("Jane", "Doe, PhD", "n/a", "Jane", "Doe", "Jane Doe")]
    [InlineData(null, "Doe", "Doe", null, "Doe", "Doe")]
    [InlineData("太郎", "山田", null, "太郎", "山田", "山田 太郎")]
    [InlineData("Jane", "Doe", "Somebody Else", "Jane", "Doe", "Jane Doe")]
    [InlineData(null, null, "jane doe", "Jane", "Doe", "Jane Doe")]
    [InlineData(null, "Yt", "Dr. YT", null, "Yt", "Yt")]
    [InlineData(null, null, "Dr. MBA", "Mba", null, "Mba")]
    [InlineData("Mba", null, "Mba", "Mba", null, "Mba")]
    [InlineData(null, null, "Dr. Ma", null, "Ma", "Ma")]
    public void Fields_of_their_own_win_and_the_full_name_fills_gaps(
        string? first,
        string? last,
        string? full,
        string? expectedFirst,
        string? expectedLast,
        string expectedFull)
    {
        Assert.True(PersonName.TryParse(first, last, full, out var name));
        Assert.Equal(expectedFirst, name.First);
        Assert.Equal(expectedLast, name.Last);
        Assert.Equal(expectedFull, name.Full);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    [InlineData("null")]
    [InlineData("12345")]
    [InlineData("🚀")]
    [InlineData("jane@acme.com")]
    [InlineData("\uD83D")]
    public void Text_that_names_nobody_is_refused(string? text)
    {
        Assert.False(PersonName.TryParse(text, out _));
        Assert.False(PersonName.TryParse(text, text, text, out _));
    }
}
