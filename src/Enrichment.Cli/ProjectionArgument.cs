using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Cli;

/// <summary>The projection that a command is about.</summary>
internal static class ProjectionArgument
{
    /// <summary>A definition that may be new to the store.</summary>
    public static Argument<string> OfDefinition() => new("NAME")
    {
        Description = "The definition. A JSON file, the name of one in this folder (final_leads for final_leads.json), or - for standard input.",
    };

    /// <summary>A projection that the store has.</summary>
    public static Argument<string?> OfStored(string more = "") => new("NAME")
    {
        Description = $"The projection's name, or its definition: a JSON file, or the name of one in this folder.{more}",
    };

    /// <summary>The definition of the live table of a projection.</summary>
    /// <param name="session">The open store.</param>
    /// <param name="given">What the command line says.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">The store has no such projection.</exception>
    public static async Task<Projection> FindAsync(Session session, string given, CancellationToken cancellationToken)
    {
        var name = DefinitionFile.IsPath(given) ? ProjectionOption.Read(given, "NAME").Name : given;
        var live = await LiveAsync(name);

        // A file may have another name than its projection.
        if (live is null && name == given && File.Exists($"{given}.json"))
        {
            name = ProjectionOption.Read(given, "NAME").Name;
            live = await LiveAsync(name);
        }

        if (live is not null)
        {
            return live;
        }

        var known = await RegisteredProjection.ListAsync(session.Engine.Store, cancellationToken);
        throw new EnrichmentException(
            $"The store has no projection '{Excerpt.Of(name)}'.{Nearest.Hint(name, known.Select(projection => projection.Name))} 'enrich projection list' lists them.");

        Task<Projection?> LiveAsync(string projection) => session.Engine.Store.LookAsync(
            projection,
            async opened => (await ProjectionRegistry.ReadAsync(opened, null, cancellationToken))?.Live.Projection,
            cancellationToken);
    }
}
