using GptGen.Cuda.Tests.Driver;
using GptGen.Emulator;
using GptGen.Runtime.Tests;
using Xunit;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>A kernel is compiled for what it needs of a program's text, and for nothing else.</summary>
public sealed class NeededTests : IDisposable
{
    // Of another number in each run, as what was compiled is kept for the next.
    private static readonly int s_number = Random.Shared.Next(1 << 24);

    /// <summary>Constants, functions and structures of the same names in two namespaces, overloads, an instance of its own.</summary>
    private static readonly string s_source = $$"""
        constexpr int Base = {{s_number}};
        struct Pair { int first, second; };
        __device__ int sum(int a) { return a; }
        __device__ int sum(Pair pair) { return pair.first + pair.second; }
        template <int N> struct Chosen { static constexpr int Value = N; };
        template <> struct Chosen<3> { static constexpr int Value = 30; };
        namespace left {
        constexpr int Own = 1;
        __device__ int value() { return Base + Own; }
        template <int N> __global__ void set(int* x) { *x = sum(Pair{value(), Chosen<N>::Value}); }
        }
        namespace right {
        constexpr int Own = 5;
        __device__ int value() { return Base + sum(Own); }
        __global__ void set(int* x) { *x = value(); }
        }

        """;

    /// <summary>Where the emulator keeps what these tests compile: others may compile at the same time.</summary>
    private readonly TemporaryFolder modules = new();

    /// <summary>What was compiled is no use to another run.</summary>
    public void Dispose() => modules.Dispose();

    [Fact]
    public void What_it_needs_is_there()
    {
        using var gpu = Open();
        Assert.Equal([s_number + 3, s_number + 31, s_number + 5], Run(gpu, s_source, "left::set<2>", "left::set<3>", "right::set"));
    }

    [Fact]
    public void What_another_program_had_is_taken_from_there()
    {
        using var gpu = Open();
        var source = s_source.Replace("Own = 1;", "Own = 2;", StringComparison.Ordinal);
        Run(gpu, source, "left::set<2>", "right::set");
        // The program's image, and no new kernel: neither that text nor the other kernel is needed.
        var other = source.Replace("Own = 5", "Own = 6", StringComparison.Ordinal) + "struct More { int own; };\n";
        Assert.Equal(1, FilesOf(() => Assert.Equal([s_number + 4], Run(gpu, other, "left::set<2>"))));
        // Beside one that is new.
        Assert.Equal(2, FilesOf(() => Assert.Equal(
            [s_number + 4, s_number + 9], Run(gpu, source, "left::set<2>", "left::set<7>"))));
    }

    /// <summary>The library that the first kernel is taken from has one of the second one's name, of another program.</summary>
    [Fact]
    public void A_kernel_of_an_equal_name_is_the_programs_own()
    {
        using var gpu = Open();
        Assert.Equal([s_number + 3, s_number + 5], Run(gpu, s_source, "left::set<2>", "right::set"));
        var other = s_source.Replace("Own = 5", "Own = 6", StringComparison.Ordinal);
        Assert.Equal([s_number + 3, s_number + 6], Run(gpu, other, "left::set<2>", "right::set"));
    }

    [Theory]
    [InlineData("Own = 1;", "Own = 3;", 2)]
    [InlineData("a; }", "a + 1; }", 0)]                        // of its name, though not what it calls
    [InlineData("pair.first + ", "pair.first - ", -4)]
    [InlineData("Value = N;", "Value = N + 1;", 1)]
    [InlineData("return Base + Own", "\n return Base + Own", 0)] // lines are named in reports
    public void A_change_of_what_it_needs_compiles_it_anew(string right, string wrong, int difference)
    {
        using var gpu = Open();
        var source = s_source.Replace("Base = ", "Base = 7 + ", StringComparison.Ordinal);
        var value = Run(gpu, source, "left::set<2>")[0];
        Assert.Equal(10 + s_number, value);
        Assert.Equal(2, source.Split(right).Length);
        var changed = source.Replace(right, wrong, StringComparison.Ordinal);
        Assert.Equal(2, FilesOf(() => Assert.Equal([value + difference], Run(gpu, changed, "left::set<2>"))));
    }

    private TestGpu Open()
    {
        TestTarget.RequireEmulator();
        return new(("MODULES", modules.Path));
    }

    /// <summary>How many files more the emulator keeps.</summary>
    private int FilesOf(Action compile)
    {
        var count = Directory.GetFiles(modules.Path).Length;
        compile();
        return Directory.GetFiles(modules.Path).Length - count;
    }

    private static int[] Run(TestGpu gpu, string source, params string[] kernels)
    {
        using var module = gpu.Load(source, kernels);
        using var x = gpu.UploadSpan<int>(new int[kernels.Length]);
        for (var i = 0; i < kernels.Length; i++)
            gpu.Stream.Launch(module.Kernel(kernels[i]), 1, 1, 0, x.Address + (sizeof(int) * i));
        return gpu.Download<int>(x);
    }
}
