using Npgsql;

/// <summary>What the steps answer and where it is stored.</summary>
internal static class Results
{
    public static readonly string Answer = Resource("answer.json").Trim();

    public static readonly string Table = Resource("results.sql");

    /// <summary>Stores the answer of one step for one item.</summary>
    public static NpgsqlCommand Storing(int item, int step) =>
        new("insert into results (item, step, data) values ($1, $2, $3::jsonb) on conflict do nothing")
        {
            Parameters = { new() { Value = (long)item }, new() { Value = (short)step }, new() { Value = Answer } },
        };

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(Results).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
