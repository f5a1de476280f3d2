using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>The accounts with vendors that are used up, and how they go on.</summary>
internal sealed class AccountsCommand : CliCommand
{
    private readonly Option<string?> resume = new("--resume")
    {
        Description = "Allows calls with this account again at once, after you bought more.",
        HelpName = "ACCOUNT",
    };

    public AccountsCommand()
        : base(
            "accounts",
            "Lists the client's accounts with vendors that are used up. No host calls with them; every 15 minutes one call checks whether more was bought.",
            "enrich accounts",
            "enrich accounts --resume acme/clay")
    {
        Options.Add(resume);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        if (parsed.GetValue(resume) is { } account)
        {
            await session.Client.ResumeAccountAsync(account, cancellationToken);
            return new(new { Resumed = account }, $"Calls are made with '{account}' again.");
        }

        var list = new Listing(parsed, "accounts", "account", "since", "until", "asked") { Nothing = "No account is used up." };
        foreach (var usedUp in await session.Client.ListUsedUpAccountsAsync(cancellationToken))
        {
            await list.AddAsync(
                new
                {
                    usedUp.Name,
                    usedUp.Since,
                    usedUp.Until,
                    usedUp.Probes,
                },
                usedUp.Name,
                $"{usedUp.Since:u}",
                $"{usedUp.Until:u}",
                usedUp.Probes ? "one call is checking" : "");
        }

        return await list.EndAsync();
    }
}
