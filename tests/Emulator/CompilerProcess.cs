using System.ComponentModel;
using System.Diagnostics;

namespace GptGen.Emulator;

/// <summary>What one run of a native compiler gave; its messages are the output and the errors together.</summary>
internal sealed record CompilerResult(int ExitCode, string Messages);

/// <summary>Runs native compilers.</summary>
internal static class CompilerProcess
{
    /// <summary>
    /// Lets a compiler take its memory in huge pages and keep it: it lives a fraction of a second, of which a tenth would go into getting pages.
    /// Another C library than glibc does not look at it.
    /// </summary>
    private const string FewPages = "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=4194304:glibc.malloc.trim_threshold=1000000000";

    /// <summary>Runs a program to its end, or gives null when there is no such program.</summary>
    public static CompilerResult? Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GLIBC_TUNABLES"] = FewPages;
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            var errors = process!.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new(process.ExitCode, output + errors.Result);
        }
    }

    /// <summary>Where compiled things are kept between runs: the user's cache folder, or the temporary folder for a user without one.</summary>
    public static string CacheRoot { get; } = MakeCacheRoot();

    private static string MakeCacheRoot()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (data.Length > 0)
        {
            try
            {
                return Directory.CreateDirectory(Path.Combine(data, "gptgen-emulator")).FullName;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A home that cannot be written.
            }
        }

        return Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"gptgen-emulator-{Environment.UserName}")).FullName;
    }
}
