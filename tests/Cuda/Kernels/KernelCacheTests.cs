using GptGen.Cuda.Kernels;
using GptGen.Runtime.Tests;
using Xunit;

namespace GptGen.Cuda.Tests.Kernels;

public class KernelCacheTests
{
    private static readonly string s_key = new('a', 64);
    private static readonly CompiledKernels s_kernels = new([1, 2, 3, 250], new Dictionary<string, string> { ["Add<3>"] = "_Z3AddILi3EEv", ["Scale"] = "Scale" });

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
        Assert.Equal([cache.PathOf(s_key)], Directory.GetFileSystemEntries(cache.Folder));
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
