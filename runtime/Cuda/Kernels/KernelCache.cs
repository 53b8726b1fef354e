using System.Security.Cryptography;
using System.Text;
using GptGen.Checkpoints;

namespace GptGen.Cuda.Kernels;

/// <summary>
/// Compiled kernels on the disk, one file a program, named by the hash of what they depend on. A file that is damaged, or cannot be written,
/// costs a compilation and nothing else.
/// </summary>
internal sealed class KernelCache
{
    /// <summary>Names the folder for everything that can be made again.</summary>
    public const string FolderVariable = "GPTGEN_CACHE";

    private static ReadOnlySpan<byte> Magic => "GPTGENK1"u8;

    private readonly long mostBytes;

    /// <summary>A cache in <paramref name="folder"/>, which need not exist.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="mostBytes">Beyond so much the files that were not used for longest go.</param>
    public KernelCache(string folder, long mostBytes = 1L << 30) => (Folder, this.mostBytes) = (Path.GetFullPath(folder), mostBytes);

    /// <summary>Where the files lie.</summary>
    public string Folder { get; }

    /// <summary>The cache of this user: below GPTGEN_CACHE, or XDG_CACHE_HOME, or the system's folder for such files.</summary>
    public static KernelCache OfUser()
    {
        var root = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen ? chosen : Path.Combine(SystemFolder(), "gptgen");
        return new(Path.Combine(root, "kernels"));
    }

    /// <summary>What was compiled before; null when there is nothing, or it is damaged.</summary>
    public CompiledKernels? TryRead(string key)
    {
        try
        {
            var bytes = File.ReadAllBytes(PathOf(key));
            var start = Magic.Length + SHA256.HashSizeInBytes;
            if (bytes.Length < start || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic) ||
                !SHA256.HashData(bytes.AsSpan(start)).AsSpan().SequenceEqual(bytes.AsSpan(Magic.Length, SHA256.HashSizeInBytes)))
                return null;
            var compiled = Parse(bytes, start);
            CachePruning.NoteUse(PathOf(key));
            return compiled;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps what was compiled, replacing what was there.</summary>
    public void TryWrite(string key, CompiledKernels compiled)
    {
        var content = Format(compiled);
        TryWrite(PathOf(key), stream =>
        {
            stream.Write(Magic);
            stream.Write(SHA256.HashData(content));
            stream.Write(content);
        });
        CachePruning.Prune(Folder, mostBytes, DateTime.UtcNow);
    }

    /// <summary>Keeps the source of a program that does not compile; its path, or null when it cannot be written.</summary>
    public string? Keep(string key, string source)
    {
        var path = Path.Combine(Folder, $"failed-{key[..16]}.cu");
        return TryWrite(path, stream => stream.Write(Encoding.UTF8.GetBytes(source))) ? path : null;
    }

    /// <summary>The file of a program.</summary>
    public string PathOf(string key) => Path.Combine(Folder, key + ".cubin");

    private static bool TryWrite(string path, Action<Stream> write)
    {
        try
        {
            AtomicFile.Write(path, write);
            return true;
        }
        catch (GptGenException)
        {
            return false;
        }
    }

    private static byte[] Format(CompiledKernels compiled)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(compiled.Symbols.Count);
        foreach (var (kernel, symbol) in compiled.Symbols)
        {
            writer.Write(kernel);
            writer.Write(symbol);
        }

        writer.Write(compiled.Image.Length);
        writer.Write(compiled.Image);
        writer.Flush();
        return memory.ToArray();
    }

    private static CompiledKernels Parse(byte[] bytes, int start)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, start, bytes.Length - start));
        var symbols = new Dictionary<string, string>();
        for (var count = reader.ReadInt32(); count > 0; count--)
            symbols.Add(reader.ReadString(), reader.ReadString());
        return new(reader.ReadBytes(reader.ReadInt32()), symbols);
    }

    private static string SystemFolder()
    {
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache)
            return cache;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 ? Path.Combine(home, ".cache") : Path.GetTempPath();
    }
}
