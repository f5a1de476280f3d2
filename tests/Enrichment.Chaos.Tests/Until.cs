using System.Data.Common;

namespace Enrichment.Chaos.Tests;

/// <summary>Waits for what another process brings about, by asking the store again and again.</summary>
public static class Until
{
    /// <summary>How long a condition may take on a busy machine before the run is held to be stuck.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    /// <summary>The first answer that is not null. A store that does not answer is asked again.</summary>
    /// <param name="what">What is waited for, in words for the failure.</param>
    /// <param name="ask">Null as long as it is not so.</param>
    /// <param name="log">What the worker said, for the failure.</param>
    public static async Task<T> FoundAsync<T>(string what, Func<Task<T?>> ask, Func<string>? log = null)
        where T : class
    {
        var began = TimeProvider.System.GetTimestamp();
        DbException? unreachable = null;
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            try
            {
                if (await ask() is { } answer)
                {
                    return answer;
                }
            }
            catch (DbException exception)
            {
                unreachable = exception;
            }

            await Task.Delay(Poll, TimeProvider.System);
        }

        throw new TimeoutException($"Not within {Patience}: {what}. {unreachable?.Message}\n{log?.Invoke()}");
    }

    /// <summary>Waits until a condition holds.</summary>
    public static Task TrueAsync(string what, Func<Task<bool>> ask, Func<string>? log = null) => FoundAsync(what, async () => await ask() ? "" : null, log);
}
