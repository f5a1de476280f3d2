using System.CommandLine;
using System.Globalization;

namespace Enrichment.Cli;

/// <summary>The one item that a command is about.</summary>
internal static class ItemArgument
{
    /// <param name="command">The command's name, for the message.</param>
    public static Argument<int> Create(string command) => new("ITEM")
    {
        Description = "The item's number, which is its row's in the file.",
        CustomParser = given =>
        {
            if (int.TryParse(given.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            // Other commands take the batch first.
            given.AddError($"'{Excerpt.Of(given.Tokens[0].Value)}' is not the number of an item: expected the item before the batch, as in 'enrich {command} 17 last'.");
            return default;
        },
    };
}
