namespace Enrichment.Pipelines;

/// <summary>Whose settings the host trusts like its own, and for which steps.</summary>
internal sealed class SettingsTrust
{
    private readonly HashSet<SettingsLayer> everywhere = [];
    private readonly HashSet<(SettingsLayer Layer, string Step)> steps = [];

    public void Add(SettingsLayer layer, IReadOnlyCollection<string> slugs)
    {
        if (slugs.Count == 0)
        {
            everywhere.Add(layer);
        }

        steps.UnionWith(slugs.Select(step => (layer, step)));
    }

    public bool Covers(SettingsLayer layer, string step) =>
        layer == SettingsLayer.Host || everywhere.Contains(layer) || steps.Contains((layer, step));
}
