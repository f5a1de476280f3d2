namespace Enrichment;

/// <summary>Text of foreign origin, made fit to be stored and shown: whole characters, no controls, of bounded length.</summary>
internal static class ErrorText
{
    /// <summary>Enough for any sentence; an exception that quotes a response body is cut.</summary>
    public const int MaxLength = 1000;

    public static string? Of(string? text) => text is null ? null : ForeignText.Of(text, MaxLength, " ");

    /// <summary>An exception in a clause, even if it does its worst to prevent that.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="withMessage">Whether its message is kept; else only where the step vouches for it.</param>
    public static string Of(Exception exception, bool withMessage)
    {
        try
        {
            return exception is StepFaultException ? Of(exception.Message)!
                : withMessage || IsContainers(exception) ? Of($"{exception.GetType()}: {exception.Message}")!
                : $"{Types(exception)}. Its message is not kept ({nameof(WorkerOptions)}.{nameof(WorkerOptions.KeepExceptionMessages)}).";
        }
        catch (Exception worse) when (worse is not OutOfMemoryException)
        {
            return $"{exception.GetType()}, whose message cannot be read";
        }
    }

    // It names the types that a constructor needs.
    private static bool IsContainers(Exception exception) =>
        exception is InvalidOperationException
        && exception.Source?.StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal) == true;

    private static string Types(Exception exception) =>
        exception.InnerException is { } inner ? $"{exception.GetType()} ({inner.GetType()})" : exception.GetType().ToString();
}
