using System.Runtime.InteropServices;
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
    /// <exception cref="OutputFailedException">
    /// Standard output is closed: a command that nobody can hear would wait for input that may never come.
    /// </exception>
    public static Stream TakeInput(string by)
    {
        if (!OperatingSystem.IsWindows() && !IsOutputOpen())
        {
            throw new OutputFailedException(
                "Standard output is closed, so that the answer could not be written. Standard input was not read. Give the command an output, such as > FILE or > /dev/null.");
        }

        if (Interlocked.CompareExchange(ref inputTakenBy, by, null) is { } other)
        {
            throw new EnrichmentException($"{other} and {by} cannot both be -: standard input can be read once.");
        }

        return Console.OpenStandardInput();
    }

    // Where it is closed from the start, the runtime has opened something of its own under its number, which it only reads.
    private static bool IsOutputOpen()
    {
        const int getFlags = 3, accessMode = 3, readOnly = 0;
        var flags = GetFlags(Descriptor, getFlags);
        return flags >= 0 && (flags & accessMode) != readOnly;
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetFlags(int descriptor, int command);

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
