namespace Enrichment;

/// <summary>
/// Marks a property of a step's options that decides where a call goes or what it reads: an address, a file, a query, a connection. Only
/// the host's own layers of settings may set it.
/// </summary>
/// <remarks>A client's settings and those of a launch are refused if they set it, unless the host trusts them.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FixedAttribute : Attribute;
