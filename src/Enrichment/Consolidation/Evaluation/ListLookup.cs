namespace Enrichment.Consolidation.Evaluation;

/// <summary>Looks values up in the lists of a definition, by the names that expressions have for them.</summary>
internal sealed class ListLookup(Projection projection, ListAnswers answers)
{
    private readonly Dictionary<(string List, string Column), short> columns = projection.ListColumns.Index()
        .ToDictionary(known => (known.Item.List.Name, known.Item.Column.Name), known => (short)known.Index);

    /// <summary>Whether the column of a list holds a value; null: it is not known yet.</summary>
    public bool? Has(string list, string column, object value) => answers.Has(ListedValue.Of(columns[(list, column)], value));
}
