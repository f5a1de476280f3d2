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
        var allow = parsed.CommandResult.Command.Options.Contains(Allow) ? parsed.GetValue(Allow) ?? [] : [];
        var http = allow.Length == 0 ? null : WayOut(allow);
        return builder =>
        {
            builder.AddSteps(steps);
            if (http is not null)
            {
                builder.Services.AddSingleton(http);
            }
        };
    }

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

    private static OutboundHttp WayOut(string[] allow)
    {
        try
        {
            return new(new() { Allow = allow });
        }
        catch (ArgumentException exception)
        {
            throw new EnrichmentException($"--allow: {exception.Message}", exception);
        }
    }
}
