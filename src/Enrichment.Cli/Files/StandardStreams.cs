using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Enrichment.Cli.Files;

/// <summary>Standard input and output as streams of bytes.</summary>
internal static class StandardStreams
{
    private const int Descriptor = 1;
    private static string? inputTakenBy;

    /// <summary>
    /// Standard output, which fails when its reader is gone. .NET's own stream then writes into the void until all is written.
    /// </summary>
    public static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        // A file is written through .NET's stream: this one would write at places of its own, over what else goes there.
        var pipe = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 1);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }

    /// <summary>Standard output for lines of text.</summary>
    public static TextWriter OpenWriter() => new StreamWriter(OpenOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };

    /// <summary>Standard error for lines of text. It never fails.</summary>
    public static TextWriter OpenMessages() =>
        new StreamWriter(new MessageStream(Console.OpenStandardError()), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };

    /// <summary>Standard input, once: what has been read from it is gone.</summary>
    /// <param name="by">The argument or option that reads it.</param>
    /// <exception cref="EnrichmentException">Another argument has read it already.</exception>
    public static Stream TakeInput(string by)
    {
        if (Interlocked.CompareExchange(ref inputTakenBy, by, null) is { } other)
        {
            throw new EnrichmentException($"{other} and {by} cannot both be -: standard input can be read once.");
        }

        return Console.OpenStandardInput();
    }

    /// <summary>
    /// True if an exception says that standard output is not open: of all files it alone is written to by its descriptor.
    /// </summary>
    public static bool IsClosed(Exception exception)
    {
        const int badDescriptor = 9;
        return exception is UnauthorizedAccessException { InnerException: IOException { HResult: badDescriptor } };
    }

    /// <summary>True if an exception says that the program that read standard output, or a pipe, has ended.</summary>
    public static bool IsReaderGone(Exception exception)
    {
        const int brokenPipe = 32, windowsBrokenPipe = unchecked((int)0x8007006D), windowsNoData = unchecked((int)0x800700E8);
        return exception is IOException { HResult: brokenPipe or windowsBrokenPipe or windowsNoData };
    }
}
