namespace Enrichment;

/// <summary>Marks a property of a step's options as a secret: settings may hold only its name there, as <c>secret:NAME</c>; the host puts the value in before each call.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
