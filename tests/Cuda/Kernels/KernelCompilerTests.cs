using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Driver;
using Xunit;

namespace GptGen.Cuda.Tests.Kernels;

public class KernelCompilerTests
{
    private static readonly KernelProgram s_program = new()
    {
        Name = "the test's kernels",
        Sources =
        [
            new("first.cu", "__device__ float Value() { return VALUE; }"),
            new("second.cu", """extern "C" __global__ void Set(float* x) { *x = Value(); }"""),
        ],
        Defines = [new("VALUE", 7)],
        Kernels = ["Set"],
    };

    [Fact]
    public void Sources_are_one_program_and_constants_are_put_in()
    {
        using var gpu = new TestGpu();
        Assert.Equal(7, Run(gpu, s_program));
        Assert.Equal(9, Run(gpu, s_program with { Defines = [new("VALUE", 9)] }));
    }

    [Fact]
    public void The_key_depends_on_all_that_the_result_depends_on()
    {
        TestGpu.Prepare();
        using var gpu = new TestGpu();
        string Key(KernelProgram program, int capability = 90) => new KernelCompiler(capability).Key(program);
        string[] keys =
        [
            Key(s_program),
            Key(s_program, 80),
            Key(s_program with { Defines = [new("VALUE", 8)] }),
            Key(s_program with { Defines = [new("VALUE2", 7)] }),
            Key(s_program with { Kernels = ["Set", "Other"] }),
            Key(s_program with { Sources = [.. s_program.Sources.Reverse()] }),
            Key(s_program with { Sources = [new("first.cu", "")] }),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], Key(s_program with { Name = "another name" }));
    }

    [Fact]
    public void What_was_compiled_is_taken_from_the_disk_and_a_damaged_file_is_made_anew()
    {
        using var gpu = new TestGpu();
        Run(gpu, s_program);
        var file = Assert.Single(Directory.GetFiles(gpu.Cache.Folder!));
        var whole = File.ReadAllBytes(file);
        var written = File.GetLastWriteTimeUtc(file);
        Assert.Equal(7, Run(gpu, s_program));
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));

        File.WriteAllText(file, "damaged");
        Assert.Equal(7, Run(gpu, s_program));
        Assert.Equal(whole.Length, new FileInfo(file).Length);

        // Whole, and yet not what this driver loads.
        var key = Path.GetFileNameWithoutExtension(file);
        gpu.Cache.TryWrite(key, gpu.Cache.TryRead(key)! with { Image = [1, 2, 3] });
        Assert.Equal(7, Run(gpu, s_program));
        Assert.Equal(whole.Length, new FileInfo(file).Length);
    }

    [Fact]
    public void A_program_that_does_not_compile_shows_the_log_and_keeps_the_source()
    {
        using var gpu = new TestGpu();
        var broken = s_program with { Sources = [.. s_program.Sources, new("third.cu", "\nint oops = nothing;")] };
        var message = Assert.Throws<GptGenException>(() => GpuModule.Load(gpu.Context, broken, gpu.Cache)).Message;
        Assert.StartsWith("The test's kernels do not compile", message);
        var kept = Assert.Single(Directory.GetFiles(gpu.Cache.Folder!, "failed-*.cu"));
        Assert.Contains(kept, message);
        Assert.Contains("int oops = nothing;", File.ReadAllText(kept));
        Assert.Contains("--define-macro=VALUE=7", File.ReadAllText(kept));
        Assert.Matches("third\\.cu[:(]2.*nothing", message);
    }

    [Fact]
    public void A_GPU_newer_than_the_compiler_gets_code_that_its_driver_translates()
    {
        using var gpu = new TestGpu(("CAPABILITY", "99.0"));
        Assert.Equal(7, Run(gpu, s_program));
    }

    [Fact]
    public void A_kernel_that_is_not_listed_is_refused_with_those_that_are()
    {
        using var gpu = new TestGpu();
        using var module = GpuModule.Load(gpu.Context, s_program, gpu.Cache);
        Assert.Contains("Set", Assert.Throws<ArgumentException>(() => module.Kernel("Sett")).Message);
    }

    private static float Run(TestGpu gpu, KernelProgram program)
    {
        using var module = GpuModule.Load(gpu.Context, program, gpu.Cache);
        using var x = gpu.Upload(0);
        gpu.Stream.Launch(module.Kernel("Set"), 1, 1, 0, x.Address);
        return gpu.Download(x)[0];
    }
}
