using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GptGen.Models.Tests.Hosting;

/// <summary>
/// The inner side of <see cref="HostedProgram"/>: runs of gptgen one after the other in one process, which compiles their code once. The output and
/// the error stream of each are the process's descriptors 1 and 2, as the program expects.
/// </summary>
internal static partial class ProgramHost
{
    /// <summary>Answers each request, a line, with a line that has the exit code.</summary>
    public static void Serve()
    {
        using var requests = new StreamReader(new FileStream(Duplicate(0), FileAccess.Read));
        using var answers = new StreamWriter(new FileStream(Duplicate(1), FileAccess.Write)) { AutoFlush = true };
        Redirect(0, "/dev/null", FileMode.Open, FileAccess.Read);
        var program = Assembly.Load("gptgen").EntryPoint!;
        while (requests.ReadLine() is { } line)
        {
            var request = HostRequest.Parse(line);
            Redirect(1, request.OutputPath, FileMode.Create, FileAccess.Write);
            Redirect(2, request.ErrorPath, FileMode.Create, FileAccess.Write);
            var code = program.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [request.Arguments], null);
            // What a run left open, the end of its process would close.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            answers.WriteLine(code);
        }
    }

    private static SafeFileHandle Duplicate(int descriptor) => new(Native.Dup(descriptor), ownsHandle: true);

    private static void Redirect(int descriptor, string path, FileMode mode, FileAccess access)
    {
        using var opened = File.OpenHandle(path, mode, access, FileShare.ReadWrite);
        if (Native.Dup2(opened, descriptor) < 0)
            throw new IOException($"Descriptor {descriptor} cannot become '{path}': error {Marshal.GetLastPInvokeError()}.");
    }

    private static partial class Native
    {
        [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
        public static partial int Dup(int descriptor);

        [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
        public static partial int Dup2(SafeFileHandle from, int to);
    }
}
