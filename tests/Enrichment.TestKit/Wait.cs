using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Enrichment.TestKit;

/// <summary>The one way in which tests wait for what other threads, processes or servers bring about.</summary>
public static class Wait
{
    /// <summary>How long anything may take on a busy machine before it is held to be stuck. Only a test that fails waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    /// <summary>Asks until a condition holds. A database that does not answer is asked again.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="what">The condition in words.</param>
    /// <param name="log">What else the failure says.</param>
    /// <exception cref="TimeoutException">It did not come true within <see cref="Patience"/>.</exception>
    public static Task UntilAsync(
        Func<Task<bool>> condition,
        [CallerArgumentExpression(nameof(condition))] string? what = null,
        Func<string>? log = null) => UntilFoundAsync(async () => await condition() ? "" : null, what, log);

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, string?, Func{string}?)"/>
    public static Task UntilAsync(
        Func<bool> condition,
        [CallerArgumentExpression(nameof(condition))] string? what = null,
        Func<string>? log = null) => UntilAsync(() => Task.FromResult(condition()), what, log);

    /// <summary>Asks until there is an answer, and returns it. A database that does not answer is asked again.</summary>
    /// <param name="ask">Null as long as there is none.</param>
    /// <param name="what">What is asked for, in words.</param>
    /// <param name="log">What else the failure says.</param>
    /// <exception cref="TimeoutException">There was no answer within <see cref="Patience"/>.</exception>
    public static async Task<T> UntilFoundAsync<T>(
        Func<Task<T?>> ask,
        [CallerArgumentExpression(nameof(ask))] string? what = null,
        Func<string>? log = null)
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
}
