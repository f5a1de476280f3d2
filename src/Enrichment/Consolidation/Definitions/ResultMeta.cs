namespace Enrichment.Consolidation.Definitions;

/// <summary>What is known of a step's result beside its content.</summary>
internal enum ResultMeta
{
    /// <summary>True if the vendor found something, false if it answered that there is nothing; no value without a result.</summary>
    Found = 0,

    /// <summary>When the result was stored.</summary>
    StoredAt = 1,
}

/// <summary>Their names in definition files and messages.</summary>
internal static class ResultMetaWords
{
    public const int Count = 2;

    public const string All = "found, stored_at";

    public static ResultMeta? Find(string word) => word switch
    {
        "found" => ResultMeta.Found,
        "stored_at" => ResultMeta.StoredAt,
        _ => null,
    };

    public static string Word(this ResultMeta meta) => meta == ResultMeta.Found ? "found" : "stored_at";
}
