using System.CommandLine;
using Enrichment.Providers.Http;
using Enrichment.Providers.Lookup;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Cli;

/// <summary>Which vendors a command knows besides the built-in steps, and where their calls may go.</summary>
internal sealed class VendorOptions
{
    private const string Folder = "vendors";

    public Option<string?> Vendors { get; } = new("--vendors")
    {
        Description = $"Vendors over HTTP and lookups: a folder of JSON files, one a step, or one such file. Without it: the folder '{Folder}' in this folder, if there is one.",
        HelpName = "FOLDER|FILE",
    };

    public Option<string[]> Allow { get; } = new("--allow")
    {
        Description = "A host inside your network that vendors may be called on, also without TLS: a name, an address, or a network such as 10.1.0.0/16. May be repeated. Without it: the public internet over TLS alone.",
        HelpName = "HOST",
    };

    /// <param name="command">The command.</param>
    /// <param name="calls">Whether it runs steps; else it only has to know them.</param>
    public void AddTo(Command command, bool calls = true)
    {
        command.Options.Add(Vendors);
        if (calls)
        {
            command.Options.Add(Allow);
        }
    }

    /// <exception cref="EnrichmentException">A vendor's document, or a host, is not sound.</exception>
    public Action<EnrichmentBuilder> Read(ParseResult parsed)
    {
        var steps = Steps(parsed.GetValue(Vendors));
        var calls = parsed.CommandResult.Command.Options.Contains(Allow);
        var allow = calls ? parsed.GetValue(Allow) ?? [] : [];
        var http = calls ? WayOut(allow, null) : null;
        return builder =>
        {
            builder.AddSteps(steps);
            if (http is not null)
            {
                builder.Services.AddSingleton(http);
            }
        };
    }

    /// <summary>The step of one document.</summary>
    /// <exception cref="EnrichmentException">It is not sound, or not one.</exception>
    public static StepDescriptor One(string file) => File.Exists(file) ? Steps(file)[0] : throw new EnrichmentException($"There is no file '{file}'. Name a vendor's document, such as {Folder}/acme.json.");

    /// <summary>The way out of a command that shows what goes over it.</summary>
    /// <exception cref="EnrichmentException">A host is not sound.</exception>
    public OutboundHttp WayOut(ParseResult parsed, Action<OutboundExchange> watch) => WayOut(parsed.GetValue(Allow) ?? [], watch);

    private static IReadOnlyList<StepDescriptor> Steps(string? given)
    {
        try
        {
            return given is null && !Directory.Exists(Folder) ? [] : HttpVendors.Load(given ?? Folder, Lookups.Kinds);
        }
        catch (FormatException exception)
        {
            throw new EnrichmentException(exception.Message, exception);
        }
    }

    private static OutboundHttp WayOut(string[] allow, Action<OutboundExchange>? watch)
    {
        try
        {
            return new(new() { Allow = allow, AllowedBy = "--allow", Watch = watch });
        }
        catch (ArgumentException exception)
        {
            throw new EnrichmentException($"--allow: {exception.Message}", exception);
        }
    }
}
