using System.Runtime.CompilerServices;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Libraries;
using GptGen.Emulator;
using GptGen.Runtime.Tests;

namespace GptGen.Cuda.Tests.Driver;

/// <summary>The GPU of the tests (<see cref="TestTarget"/>) through the runtime's own layer. Skips the test where there is none.</summary>
internal sealed class TestGpu : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>Opens GPU 0 of a fresh machine with these settings of the emulator.</summary>
    public TestGpu(params (string Name, string Value)[] settings)
    {
        Prepare(settings);
        Cache = new KernelCache(folder.Path);
        Context = GpuContext.Open();
        Stream = GpuStream.Create(Context);
    }

    public GpuContext Context { get; }

    public GpuStream Stream { get; }

    public KernelCache Cache { get; }

    /// <summary>A fresh machine, on which nothing is opened yet.</summary>
    public static void Prepare(params (string Name, string Value)[] settings)
    {
        TestTarget.RequireSettings(settings);
        if (TestTarget.IsRealGpu)
            return;
        Environment.SetEnvironmentVariable(SearchPlaces.PathVariable, CudaEmulator.Folder);
        CudaEmulator.Reset();
        foreach (var (name, value) in settings)
            CudaEmulator.Set(name, value);
    }

    public GpuModule Load(string source, params string[] kernels) => GpuModule.Load(Context, Program(source, kernels), Cache);

    public static KernelProgram Program(string source, params string[] kernels) =>
        new() { Name = "the test's kernels", Sources = [new("test.cu", source)], Kernels = kernels };

    /// <summary>Numbers in the GPU's memory.</summary>
    public GpuMemory Upload(params ReadOnlySpan<float> values) => UploadSpan(values);

    /// <summary>Values of any type in the GPU's memory.</summary>
    public GpuMemory UploadSpan<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var memory = GpuMemory.Allocate(Context, values.Length * Unsafe.SizeOf<T>(), "a test");
        using var staging = PinnedMemory.Allocate(Context, memory.Bytes, "a test");
        values.CopyTo(staging.Span<T>(values.Length));
        Stream.CopyToGpu(memory.Address, staging, 0, memory.Bytes, "a test");
        Stream.Synchronize("a test");
        return memory;
    }

    /// <summary>All of a memory's numbers, once the stream's work is done.</summary>
    public float[] Download(GpuMemory memory) => Download<float>(memory);

    /// <summary>The same of another type.</summary>
    public T[] Download<T>(GpuMemory memory)
        where T : unmanaged
    {
        using var staging = PinnedMemory.Allocate(Context, memory.Bytes, "a test");
        Stream.CopyToHost(staging, 0, memory.Address, memory.Bytes, "a test");
        Stream.Synchronize("a test");
        return staging.Span<T>((int)memory.Bytes / Unsafe.SizeOf<T>()).ToArray();
    }

    public void Dispose()
    {
        TestTarget.Reset();
        Stream.Dispose();
        Context.Dispose();
        folder.Dispose();
    }
}
