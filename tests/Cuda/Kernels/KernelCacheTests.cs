using System.Diagnostics.CodeAnalysis;
using GptGen.Cuda.Kernels;
using GptGen.Runtime.Tests;
using Xunit;

namespace GptGen.Cuda.Tests.Kernels;

public class KernelCacheTests
{
    private static readonly string s_key = new('a', 64);
    private static readonly CompiledKernels s_kernels = new(
        [1, 2, 3, 250], new Dictionary<string, string> { ["Add<3>"] = "_Z3AddILi3EEv", ["Scale"] = "Scale" });

    [Fact]
    public void What_is_kept_comes_back()
    {
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(Path.Combine(folder.Path, "deep", "kernels"));
        Assert.Null(cache.TryRead(s_key));
        cache.TryWrite(s_key, s_kernels);
        var read = cache.TryRead(s_key)!;
        Assert.Equal(s_kernels.Image, read.Image);
        Assert.Equal(s_kernels.Symbols, read.Symbols);
        Assert.Equal([cache.PathOf(s_key)], Directory.GetFileSystemEntries(cache.Folder!));
    }

    [Fact]
    public void A_damaged_file_counts_as_none_whichever_byte_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.Path);
        cache.TryWrite(s_key, s_kernels);
        var whole = File.ReadAllBytes(cache.PathOf(s_key));
        for (var i = 0; i < whole.Length; i++)
        {
            var flipped = whole.ToArray();
            flipped[i] ^= 1;
            File.WriteAllBytes(cache.PathOf(s_key), flipped);
            Assert.Null(cache.TryRead(s_key));
            File.WriteAllBytes(cache.PathOf(s_key), whole[..i]);
            Assert.Null(cache.TryRead(s_key));
        }

        cache.TryWrite(s_key, s_kernels);
        Assert.NotNull(cache.TryRead(s_key));
    }

    /// <summary>By age, whatever the size: what was read lately counts as used, and only what the cache wrote goes.</summary>
    [Fact]
    public void What_is_unused_for_long_goes()
    {
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.Path);
        string[] keys = [new('b', 64), new('c', 64), new('d', 64)];
        foreach (var key in keys)
            cache.TryWrite(key, s_kernels);
        foreach (var (name, days) in ((string, int)[])[("failed-0123.cu", 91), (".x.cubin.1234.tmp", 91), ("mine.txt", 400), (".hidden", 400)])
            Age(folder.File(name), days);
        Age(cache.PathOf(keys[0]), 91);
        Age(cache.PathOf(keys[1]), 91);
        Age(cache.PathOf(keys[2]), 89);
        Assert.NotNull(cache.TryRead(keys[1]));
        cache.TryWrite(s_key, s_kernels);
        Assert.Equal(
            new[]
            {
                ".hidden", "mine.txt", Path.GetFileName(cache.PathOf(s_key)), Path.GetFileName(cache.PathOf(keys[1])),
                Path.GetFileName(cache.PathOf(keys[2])),
            }
                .Order(StringComparer.Ordinal),
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Beyond_a_size_what_was_not_used_for_longest_goes_but_nothing_of_the_last_day()
    {
        using var folder = new TemporaryFolder();
        string[] keys = [new('b', 64), new('c', 64), new('d', 64), new('e', 64)];
        var cache = new KernelCache(folder.Path);
        foreach (var key in keys)
            cache.TryWrite(key, s_kernels);
        var size = new FileInfo(cache.PathOf(keys[0])).Length;
        for (var i = 0; i < keys.Length; i++)
            Age(cache.PathOf(keys[i]), 10 - i);
        new KernelCache(folder.Path, 3 * size).TryWrite(s_key, s_kernels);
        Assert.Equal([false, false, true, true], keys.Select(key => File.Exists(cache.PathOf(key))));
        Age(cache.PathOf(keys[3]), 0);
        new KernelCache(folder.Path, 1).TryWrite(s_key, s_kernels);
        Assert.Equal([false, false, false, true], keys.Select(key => File.Exists(cache.PathOf(key))));
        Assert.NotNull(cache.TryRead(s_key));
    }

    /// <summary>Makes a file that was last used some days ago.</summary>
    private static void Age(string path, int days)
    {
        if (!File.Exists(path))
            File.WriteAllText(path, "");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-days));
    }

    [Fact]
    public void The_folder_and_its_files_are_this_users_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.File("kernels"));
        cache.TryWrite(s_key, s_kernels);
        Assert.Equal(Mode(700), GetMode(cache.Folder!));
        Assert.Equal(Mode(600), GetMode(cache.PathOf(s_key)));
        Assert.Null(cache.Problem);
    }

    /// <summary>Machine code that somebody else could have written is not loaded.</summary>
    [Theory]
    [InlineData(770, 600)]
    [InlineData(707, 600)]
    [InlineData(777, 600)]
    [InlineData(700, 620)]
    [InlineData(700, 602)]
    public void What_others_may_write_is_not_read(int folderMode, int fileMode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells.");
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.File("kernels"));
        cache.TryWrite(s_key, s_kernels);
        Assert.NotNull(cache.TryRead(s_key));
        SetMode(cache.PathOf(s_key), Mode(fileMode));
        SetMode(cache.Folder!, Mode(folderMode));
        Assert.Null(cache.TryRead(s_key));
        Assert.Equal(folderMode != 700, cache.Problem is not null);
        SetMode(cache.PathOf(s_key), Mode(640));
        SetMode(cache.Folder!, Mode(755));
        Assert.NotNull(cache.TryRead(s_key));
    }

    [Fact]
    public void What_another_user_owns_is_not_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only the administrator can give files away.");
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.File("kernels"));
        cache.TryWrite(s_key, s_kernels);
        Own("nobody", cache.PathOf(s_key));
        Assert.Null(cache.TryRead(s_key));
        Own("root", cache.PathOf(s_key));
        Assert.NotNull(cache.TryRead(s_key));
        Own("nobody", cache.Folder!);
        Assert.Null(cache.TryRead(s_key));
        Assert.Contains(KernelCache.FolderVariable, cache.Problem);
        Own("root", cache.Folder!);
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        using var folder = new TemporaryFolder();
        var (cache, real) = (new KernelCache(folder.File("kernels")), new KernelCache(folder.File("elsewhere")));
        real.TryWrite(s_key, s_kernels);
        cache.TryWrite(new('b', 64), s_kernels);
        File.CreateSymbolicLink(cache.PathOf(s_key), real.PathOf(s_key));
        Assert.Null(cache.TryRead(s_key));
        var linked = new KernelCache(folder.File("link"));
        Directory.CreateSymbolicLink(linked.Folder!, real.Folder!);
        Assert.Null(linked.TryRead(s_key));
        Assert.NotNull(linked.Problem);
        Assert.NotNull(real.TryRead(s_key));
    }

    private static UnixFileMode Mode(int octal) => (UnixFileMode)(((octal / 100) << 6) | ((octal / 10 % 10) << 3) | (octal % 10));

    [UnconditionalSuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
    private static UnixFileMode GetMode(string path) => File.GetUnixFileMode(path);

    [UnconditionalSuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
    private static void SetMode(string path, UnixFileMode mode) => File.SetUnixFileMode(path, mode);

    private static void Own(string user, string path)
    {
        using var change = System.Diagnostics.Process.Start("chown", [user, path]);
        change.WaitForExit();
        Assert.Equal(0, change.ExitCode);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_no_error()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        var cache = new KernelCache(Path.Combine(file, "kernels"));
        cache.TryWrite(s_key, s_kernels);
        Assert.Null(cache.TryRead(s_key));
        Assert.Null(cache.Keep(s_key, "source"));
    }
}
