using Enrichment.Ingestion;
using Enrichment.Ingestion.Fields;

namespace Enrichment.Tests.Ingestion.Fields;

public sealed class ColumnMeaningTests
{
    /// <summary>What these could be taken for is worse than nothing.</summary>
    [Theory]
    [InlineData("Owner", "Lead Owner", "Company owner", "Contact owner", "Lead Owner Email", "Account Owner: Full Name",
        "Owner First Name", "Created By", "Created By: Email")]
    [InlineData("Record ID", "Contact ID", "Lead ID", "Account ID", "Company ID", "Modified date", "Create Date", "Last Contact",
        "First Contact", "Contact Date")]
    [InlineData("Email Confidence", "Email Type", "Email Opt Out", "Email Sent", "Email Domain", "Phone Type", "Phone Extension",
        "Phone Country Code", "Do Not Call")]
    [InlineData("Status", "Type", "Lead Status", "Lead Source", "Account Stage", "Tags", "Notes", "Campaign Name", "Event Name",
        "Username", "Group", "Parent Account")]
    [InlineData("Assistant Phone", "Fax", "Business Fax", "Manager's Name", "Middle Name", "Nickname", "Birthday", "Past Company Name",
        "Address 2", "Address Line 2", "Name 2")]
    public void Such_headers_feed_nothing(params string[] headers) =>
        Assert.All(headers, header =>
            Assert.Equal(["company.name", "person.first_name"], Map(["Company", "First Name", header]).Keys.Order()));

    [Theory]
    [InlineData("First Name", "FIRST NAME", "first_name", "firstName", "First-Name:", "* First Name", "First Name (required)",
        "\u200BFirst\u00ADName\uFEFF", "Contact: First Name", "FIRSTNAME")]
    [InlineData("Prénom", "PRENOM", "Pre\u0301nom", "prénom *")]
    public void A_header_is_known_in_every_spelling(params string[] headers) =>
        Assert.All(headers, header => Assert.Equal("person.first_name", Assert.Single(Map([header])).Key));

    [Fact]
    public void A_column_that_two_fields_may_have_goes_to_what_the_rows_are()
    {
        Assert.Equal("person.city", FieldOf("City", ["Full Name", "Company", "City"]));
        Assert.Equal("company.city", FieldOf("City", ["Company", "Industry", "City"]));
        Assert.Equal("person.city", FieldOf("Lead City", ["Company", "Industry", "Lead City"]));
        Assert.Equal("company.city", FieldOf("Company City", ["Full Name", "Company City"]));
        Assert.Equal("company.website", FieldOf("Website", ["Full Name", "Website"]));
        Assert.Equal("company.phone", FieldOf("Phone", ["Account Name", "Employees", "Primary Contact", "Phone"]));
    }

    [Fact]
    public void A_name_is_whose_the_other_columns_say()
    {
        Assert.Equal("person.full_name", FieldOf("Name", ["Name", "Company", "Email"]));
        Assert.Equal("company.name", FieldOf("Name", ["Name", "Industry", "Website"]));
        Assert.Equal("company.name",
            FieldOf("Name", ["Name", "Website"], ["Kobalt Kft.", "https://kobalt.test"], ["Noor Oy", "https://noor.test"]));
        Assert.Equal("person.last_name", FieldOf("Name", ["Name", "Vorname"]));
        Assert.Equal("person.first_name", FieldOf("Nombre", ["Nombre", "Apellidos"]));
        Assert.Equal("person.full_name", FieldOf("Name", ["Name", "First Name"], ["Ines Varga", "Ines"]));
        Assert.Equal("person.full_name", FieldOf("Name", ["Name", "First Name", "Last Name"]));
    }

    [Fact]
    public void Values_say_what_a_header_leaves_open()
    {
        Assert.Equal("person.linkedin_url", FieldOf("LinkedIn", ["LinkedIn", "Industry"], ["https://www.linkedin.com/in/ines", "Design"]));
        Assert.Equal("company.linkedin_url", FieldOf("LinkedIn", ["LinkedIn", "First Name"], ["linkedin.com/company/kobalt", "Ines"]));
        Assert.Equal("person.linkedin_url", FieldOf("URL", ["First Name", "URL"], ["Ines", "https://www.linkedin.com/in/ines"]));
        Assert.Equal("company.website", FieldOf("URL", ["First Name", "URL"], ["Ines", "https://kobalt.test"]));
        Assert.Equal("person.salutation", FieldOf("Title", ["Title", "Last Name"], ["Mr.", "Varga"], ["Dr", "Noor"]));
        Assert.Equal("person.title", FieldOf("Title", ["Title", "Last Name"], ["Designer", "Varga"]));
        Assert.Equal("company.email", FieldOf("Email", ["Company", "Email"], ["Kobalt", "info@kobalt.test"]));
        Assert.Equal("person.email", FieldOf("Email", ["Company", "Email"], ["Kobalt", "ines@kobalt.test"]));
        Assert.Equal("company.size_bucket", FieldOf("Size", ["Company", "Size"], ["Kobalt", "51-200 employees"]));
    }

    [Fact]
    public void Values_that_are_surely_something_else_feed_nothing()
    {
        Assert.Null(FieldOf("Email", ["First Name", "Email"], ["Ines", "TRUE"], ["Pia", "FALSE"]));
        Assert.Null(FieldOf("Name", ["Name", "Title"], ["ines@kobalt.test", "Designer"]));
        Assert.Null(FieldOf("Country Code", ["First Name", "Country Code"], ["Ines", "+36"]));
        Assert.Null(FieldOf("Profile URL", ["First Name", "Profile URL"], ["Ines", "https://www.xing.com/profile/Ines"]));
        Assert.Null(FieldOf("Size", ["First Name", "Size"], ["Ines", "XL"]));
    }

    [Theory]
    [InlineData("Lead - Title", "Person - Name")]
    [InlineData("lead - title", "Lead - Label")]
    [InlineData("Deal - Title", "Deal - Contact person")]
    public void The_title_of_a_lead_or_a_deal_is_no_job_title(string header, string beside)
    {
        Assert.Null(FieldOf(header, [header, beside], ["Northwind lead", "Ines Varga"]));
        Assert.Equal("person.title", FieldOf("Lead Title", ["Lead Title", "Last Name"], ["Designer", "Varga"]));
    }

    [Theory]
    [InlineData("State", "Last Name")]
    [InlineData("State", "Industry")]
    [InlineData("Lead State", "Company")]
    public void A_column_of_statuses_is_no_state_of_an_address(string header, string beside)
    {
        Assert.Null(FieldOf(header, [header, beside], ["open", "Varga"], ["Won", "Noor"], ["Closed - Lost", "Noor"],
            ["in_progress", "Noor"], ["", "Noor"]));
        Assert.NotNull(FieldOf(header, [header, beside], ["New York", "Varga"], ["WA", "Noor"], ["New", "Noor"]));
        Assert.NotNull(FieldOf(header, [header, beside]));
    }

    [Fact]
    public void Of_several_columns_the_one_at_work_comes_first_and_none_is_lost()
    {
        Assert.Equal([2, 0, 3, 1], Map(["Email", "Personal Email", "Work Email", "Secondary Email"])["person.email"]);
        Assert.Equal([3, 2, 1, 0], Map(["Home Phone", "Office Phone", "Direct Phone", "Mobile"])["person.phone"]);
        Assert.Equal([1, 0], Map(["Email", "person.email"])["person.email"]);
    }

    [Fact]
    public void A_field_that_a_step_of_the_host_produced_is_read_again() =>
        Assert.Equal("person.initials", Assert.Single(Map(["person.initials"])).Key);

    private static string? FieldOf(string header, string[] headers, params string[][] rows) =>
        Map(headers, rows).Where(field => field.Value.Contains(Array.IndexOf(headers, header))).Select(field => field.Key)
            .SingleOrDefault();

    private static Dictionary<string, int[]> Map(string[] headers, params string[][] rows)
    {
        var sample = ListSample.Of(
            headers, rows.Select(row => (ReadOnlyMemory<byte>)System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(row)));
        return new ColumnBinder(new HeaderMap([], [], []), sample, GivenColumns.None)
            .Bind(headers).Binding.Fields.ToDictionary(field => field.Field, field => field.Columns);
    }
}
