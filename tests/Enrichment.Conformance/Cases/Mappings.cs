namespace Enrichment.Conformance.Cases;

internal static class Mappings
{
    public static async Task Mappings_are_added_and_read_with_their_number_actor_and_time(Scene scene)
    {
        var columns = new Dictionary<string, string?> { ["firma"] = "company.name", ["score"] = null };
        var first = await scene.Store.AddMappingAsync(
            Scene.Client, new() { Number = 0, At = default, Workstream = "crm_data", Columns = columns, By = "jane" }, default);
        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await scene.Store.AddMappingAsync(Scene.Client, new() { Number = 0, At = default, Headers = ["firma", "ort"], By = "joe" }, default);
        await scene.Store.AddMappingAsync("umbrella", new() { Number = 0, At = default, Workstream = "crm_data", Columns = columns }, default);

        var read = await scene.Store.ReadMappingsAsync(Scene.Client, default);

        Expect.Sequence([first, second], read.Select(mapping => mapping.Number));
        Expect.That(first < second);
        Expect.Equal(("crm_data", "jane"), (read[0].Workstream, read[0].By));
        Expect.Sequence(columns.OrderBy(column => column.Key), read[0].Columns!.OrderBy(column => column.Key));
        Expect.Null(read[0].Headers);
        Expect.Sequence(["firma", "ort"], read[1].Headers!);
        Expect.Null(read[1].Columns);
        Expect.Equal(scene.Clock.GetUtcNow(), read[1].At);
        Expect.Equal(TimeSpan.FromMinutes(1), read[1].At - read[0].At);
        Expect.Empty(await scene.Store.ReadMappingsAsync("nobody", default));
        Expect.That((await scene.Store.ReadClientsAsync(default)).Contains("umbrella"));
    }

    public static async Task A_mapping_has_one_scope(Scene scene)
    {
        foreach (var mapping in (ColumnMapping[])[new() { Number = 0, At = default }, new() { Number = 0, At = default, Workstream = "any", Headers = ["a"] }])
        {
            try
            {
                await scene.Store.AddMappingAsync(Scene.Client, mapping, default);
            }
            catch (Exception exception) when (exception is System.Data.Common.DbException)
            {
                continue;
            }

            throw new ConformanceException($"A mapping of {(mapping.Workstream is null ? "no" : "two")} scopes was stored.");
        }
    }
}
