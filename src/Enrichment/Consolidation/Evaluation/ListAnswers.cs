namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// Which values are in the lists of a client. Expressions ask one by one; what is not known yet is looked up for a chunk at once, and the
/// rows that asked for it are evaluated again.
/// </summary>
internal sealed class ListAnswers
{
    private readonly Dictionary<ListedValue, bool> known = [];
    private readonly HashSet<ListedValue> asked = [];

    private readonly HashSet<ListedValue> looked = [];

    /// <summary>Whether something was asked of the row at hand, and is not known.</summary>
    public bool IsLacking { get; private set; }

    /// <summary>What was asked of the row at hand, known or not, in the order of asking.</summary>
    public IReadOnlyCollection<ListedValue> Looked => looked;

    /// <summary>What has to be looked up.</summary>
    public IReadOnlyCollection<ListedValue> Asked => asked;

    /// <summary>Begins the next row.</summary>
    public void Begin()
    {
        IsLacking = false;
        looked.Clear();
    }

    /// <summary>Whether a list has a value; null: it is not known yet.</summary>
    public bool? Has(ListedValue value)
    {
        looked.Add(value);
        if (known.TryGetValue(value, out var has))
        {
            return has;
        }

        asked.Add(value);
        IsLacking = true;
        return null;
    }

    /// <summary>Takes what was found of the asked values. The others are in no list.</summary>
    public void Learn(IReadOnlySet<ListedValue> found)
    {
        foreach (var value in asked)
        {
            known[value] = found.Contains(value);
        }

        asked.Clear();
    }
}
