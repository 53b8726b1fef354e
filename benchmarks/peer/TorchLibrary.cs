using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace GptGen.Peer;

/// <summary>
/// Makes TorchSharp's native library loadable on systems whose C++ runtime is older than it asks for: its only newer symbol starts the standard
/// streams, which every older runtime does by itself. The program's own copy of the library is told that the version is not essential.
/// </summary>
internal static class TorchLibrary
{
    private const string File = "libLibTorchSharp.so";
    private const string NewestVersion = "GLIBCXX_3.4.32";
    private const string MissingSymbol = "_ZSt21ios_base_library_initv";
    private const int VersionNeeds = 0x6FFFFFFE; // SHT_GNU_verneed
    private const ushort Weak = 2; // VER_FLG_WEAK
    private const int LoadNow = 2; // RTLD_NOW
    private const int ForEveryone = 0x100; // RTLD_GLOBAL

    /// <summary>Prepares the library.</summary>
    /// <returns>Why PyTorch cannot be used here, or null when it can.</returns>
    public static string? Prepare()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var folder = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
            return $"'{path}' is missing: TorchSharp publishes it for Linux on x64 only.";
        if (RuntimeHas(NewestVersion))
            return null;
        try
        {
            WeakenVersion(path);
            return LoadSubstitute(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return $"The C++ runtime is older than {NewestVersion} and the library could not be adapted ({exception.Message}): "
                + "install libstdc++ of GCC 13.";
        }
    }

    private static bool RuntimeHas(string version)
    {
        foreach (var line in System.IO.File.ReadLines("/proc/self/maps"))
        {
            var slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0 && line.Contains("libstdc++.so", StringComparison.Ordinal))
                return System.IO.File.ReadAllBytes(line[slash..]).AsSpan().IndexOf(Encoding.ASCII.GetBytes(version + "\0")) >= 0;
        }

        return false;
    }

    /// <summary>Sets the weak flag of one needed version (ELF: a section of Verneed entries, each with a list of Vernaux).</summary>
    private static void WeakenVersion(string path)
    {
        var bytes = System.IO.File.ReadAllBytes(path);
        var sections = (int)BitConverter.ToInt64(bytes, 0x28);
        var size = BitConverter.ToUInt16(bytes, 0x3A);
        var count = BitConverter.ToUInt16(bytes, 0x3C);
        for (var index = 0; index < count; index++)
        {
            var section = sections + (index * size);
            if (BitConverter.ToInt32(bytes, section + 4) != VersionNeeds)
                continue;
            var strings = (int)BitConverter.ToInt64(bytes, sections + (BitConverter.ToInt32(bytes, section + 0x28) * size) + 0x18);
            for (var need = (int)BitConverter.ToInt64(bytes, section + 0x18); ;)
            {
                var version = need + BitConverter.ToInt32(bytes, need + 8);
                for (var entry = 0; entry < BitConverter.ToUInt16(bytes, need + 2); entry++)
                {
                    var name = strings + BitConverter.ToInt32(bytes, version + 8);
                    if (bytes.AsSpan(name).StartsWith(Encoding.ASCII.GetBytes(NewestVersion + "\0")))
                        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(version + 4), Weak);
                    version += BitConverter.ToInt32(bytes, version + 12);
                }

                var next = BitConverter.ToInt32(bytes, need + 12);
                if (next == 0)
                    break;
                need += next;
            }
        }

        var changed = path + ".weak";
        System.IO.File.WriteAllBytes(changed, bytes);
        System.IO.File.Move(changed, path, overwrite: true);
    }

    /// <summary>A library of one empty function in the missing symbol's place, visible to all that is loaded later.</summary>
    private static string? LoadSubstitute(string folder)
    {
        var library = Path.Combine(folder, "libsubstitute.so");
        if (!System.IO.File.Exists(library))
        {
            var start = new ProcessStartInfo("gcc")
            {
                RedirectStandardInput = true,
                ArgumentList = { "-shared", "-fPIC", "-x", "c", "-", "-o", library },
            };
            using var compiler = Process.Start(start)!;
            compiler.StandardInput.WriteLine($"void {MissingSymbol}(void) {{}}");
            compiler.StandardInput.Close();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0)
                return $"gcc could not build a substitute for {NewestVersion}: install libstdc++ of GCC 13.";
        }

        return Open(library, LoadNow | ForEveryone) != 0 ? null : $"'{library}' cannot be loaded.";
    }

    [DllImport("libc", EntryPoint = "dlopen", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern nint Open(string path, int flags);
}
