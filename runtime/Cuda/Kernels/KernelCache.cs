using System.Security.Cryptography;
using System.Text;
using GptGen.Checkpoints;
using GptGen.Files;

namespace GptGen.Cuda.Kernels;

/// <summary>
/// Compiled kernels on the disk, one file a program, named by the hash of what they depend on, and what was found by timing. A file that is damaged,
/// or cannot be written, costs doing it again and nothing else. The folder is this user's alone (mode 700 when it is made here): what somebody else
/// could have written is machine code of somebody else's, and is not loaded.
/// </summary>
internal sealed class KernelCache
{
    /// <summary>Names the folder for everything that can be made again.</summary>
    public const string FolderVariable = "GPTGEN_CACHE";

    /// <summary>Ends the name of a compiled program's file.</summary>
    public const string KernelExtension = ".cubin";

    /// <summary>Ends the name of a file that says which algorithm was the fastest.</summary>
    public const string ChoiceExtension = ".choice";

    private static ReadOnlySpan<byte> Magic => "GPTGENK1"u8;

    private readonly long mostBytes;
    private readonly string? missing;

    /// <summary>A cache in <paramref name="folder"/>, which need not exist.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="mostBytes">Beyond so much the files that were not used for longest go.</param>
    public KernelCache(string folder, long mostBytes = 1L << 30)
        : this(Path.GetFullPath(folder), mostBytes, null)
    {
    }

    private KernelCache(string? folder, long mostBytes, string? missing) => (Folder, this.mostBytes, this.missing) = (folder, mostBytes, missing);

    /// <summary>Where the files lie; null where there is no place for them.</summary>
    public string? Folder { get; }

    /// <summary>Why nothing is kept and what to do; null when it is.</summary>
    public string? Problem =>
        Folder is null ? missing
        : FileStatus.OfEntry(Folder) is var status && status.Kind is FileKind.Missing or FileKind.Folder && !status.OthersMayWrite ? null
        : $"'{Folder}' is no folder that only this user can write to: remove it, or name another place in {FolderVariable}";

    /// <summary>
    /// The cache of this user: below GPTGEN_CACHE, or XDG_CACHE_HOME, or the system's folder for such files. Relative paths are none: the working
    /// folder's files may be somebody's. There is no place that users share.
    /// </summary>
    public static KernelCache OfUser()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen)
        {
            return Path.IsPathFullyQualified(chosen)
                ? new(Path.Combine(chosen, "kernels"))
                : Without($"{FolderVariable} is '{MessageText.Shorten(chosen)}', a relative path: give an absolute one");
        }

        if (OperatingSystem.IsWindows())
            return new(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "gptgen", "kernels"));
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache))
            return new(Path.Combine(cache, "gptgen", "kernels"));
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return Path.IsPathFullyQualified(home) && FileStatus.Of(home) is { Kind: FileKind.Folder, OthersMayWrite: false }
            ? new(Path.Combine(home, ".cache", "gptgen", "kernels"))
            : Without($"the home folder '{MessageText.Shorten(home)}' is none that only this user can write to: name a place in {FolderVariable}");
    }

    /// <summary>A cache that keeps nothing, and why.</summary>
    private static KernelCache Without(string problem) => new(null, 0, problem);

    /// <summary>What was compiled before; null when there is nothing, or it is damaged.</summary>
    public CompiledKernels? TryRead(string key)
    {
        try
        {
            return TryReadContent(key + KernelExtension) is { } content ? Parse(content) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>What was kept under a file's name before; null when there is nothing, or it is damaged.</summary>
    public byte[]? TryReadContent(string name)
    {
        if (Problem is not null || ReadOwn(Path.Combine(Folder!, name)) is not { } bytes)
            return null;
        var start = Magic.Length + SHA256.HashSizeInBytes;
        if (bytes.Length < start || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic) ||
            !SHA256.HashData(bytes.AsSpan(start)).AsSpan().SequenceEqual(bytes.AsSpan(Magic.Length, SHA256.HashSizeInBytes)))
            return null;
        CachePruning.NoteUse(Path.Combine(Folder!, name));
        return bytes[start..];
    }

    /// <summary>Keeps what was compiled, replacing what was there.</summary>
    public void TryWrite(string key, CompiledKernels compiled) => TryWriteContent(key + KernelExtension, Format(compiled));

    /// <summary>Keeps something else under a file's name, which ends in an extension of this class's.</summary>
    public void TryWriteContent(string name, byte[] content)
    {
        if (Folder is null)
            return;
        TryWrite(Path.Combine(Folder, name), stream =>
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
        if (Folder is null)
            return null;
        var path = Path.Combine(Folder, $"failed-{key[..16]}.cu");
        return TryWrite(path, stream => stream.Write(Encoding.UTF8.GetBytes(source))) ? path : null;
    }

    /// <summary>The file of a program.</summary>
    public string PathOf(string key) =>
        Path.Combine(Folder ?? throw new InvalidOperationException("This cache keeps nothing."), key + KernelExtension);

    /// <summary>The bytes of a file that only this user can have written; null where there is none.</summary>
    private static byte[]? ReadOwn(string path)
    {
        try
        {
            // A link may lead to a file that others replace; an ordinary file in a folder of this user's alone is replaced by nobody else.
            if (FileStatus.OfEntry(path).Kind != FileKind.File)
                return null;
            using var handle = File.OpenHandle(path);
            var status = FileStatus.Of(handle);
            if (status.Kind != FileKind.File || status.OthersMayWrite || status.Length > Array.MaxLength)
                return null;
            var bytes = new byte[status.Length];
            return RandomAccess.Read(handle, bytes, 0) == bytes.Length ? bytes : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool TryWrite(string path, Action<Stream> write)
    {
        try
        {
            MakeFolder();
            if (Problem is not null)
                return false;
            AtomicFile.Write(path, write);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return true;
        }
        catch (Exception error) when (error is GptGenException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Folder!);
        else
            Directory.CreateDirectory(Folder!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
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

    private static CompiledKernels Parse(byte[] content)
    {
        using var reader = new BinaryReader(new MemoryStream(content));
        var symbols = new Dictionary<string, string>();
        for (var count = reader.ReadInt32(); count > 0; count--)
            symbols.Add(reader.ReadString(), reader.ReadString());
        return new(reader.ReadBytes(reader.ReadInt32()), symbols);
    }
}
