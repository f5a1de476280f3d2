namespace Enrichment.Pipelines;

/// <summary>How a field is compared with one value. In JSON by the lower-case name.</summary>
internal enum Comparison
{
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Contains,
}
