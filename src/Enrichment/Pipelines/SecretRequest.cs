namespace Enrichment.Pipelines;

/// <summary>The secret that is to be resolved, and for which client and step: a resolver can keep the secrets of clients apart.</summary>
/// <param name="Name">The name after <c>secret:</c>, made of letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.</param>
/// <param name="Client">The client whose batch it is for; <c>shared</c> for answers that several clients share.</param>
/// <param name="Step">The slug of the step.</param>
/// <param name="Layer">The layer whose settings name the secret.</param>
public sealed record SecretRequest(string Name, string Client, string Step, SettingsLayer Layer)
{
    /// <summary>The name alone, so that a key made by interpolation, such as <c>$"Secrets:{request}"</c>, finds the secret.</summary>
    public override string ToString() => Name;
}
