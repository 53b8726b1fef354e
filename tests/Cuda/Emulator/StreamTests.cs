using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>Streams, events and graphs, in both settings: work at once, and work that waits until somebody synchronises.</summary>
public sealed unsafe class StreamTests
{
    private const string Source = """
        extern "C" __global__ void add(float* x, float amount) { x[threadIdx.x] += amount; }
        extern "C" __global__ void scale(float* x, float factor) { x[threadIdx.x] *= factor; }
        """;

    private const int NonBlocking = 1;
    private const int ThreadLocalCapture = 1;

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Work_of_a_stream_keeps_its_order(string deferred)
    {
        using var cuda = new RawCuda(("DEFERRED", deferred));
        nint add = cuda.Kernel(Source, "add"), scale = cuda.Kernel(Source, "scale"), stream = Create("cuStreamCreate", NonBlocking);
        var x = cuda.Upload<float>([1]);
        Check(Launch(add, (1, 1), 1, 0, stream, x, 2f));
        Check(Launch(scale, (1, 1), 1, 0, stream, x, 10f));
        Check(Launch(add, (1, 1), 1, 0, stream, x, 1f));
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal([31f], Download<float>(x, 1));
        Check(Call("cuStreamDestroy_v2", stream));
    }

    [Fact]
    public void A_missing_wait_between_streams_shows_when_work_is_deferred()
    {
        using var cuda = new RawCuda(("DEFERRED", "1"));
        var add = cuda.Kernel(Source, "add");
        nint producer = Create("cuStreamCreate", NonBlocking), consumer = Create("cuStreamCreate", NonBlocking), ready = Create("cuEventCreate", 2);
        foreach (var waits in new[] { false, true })
        {
            var x = cuda.Upload<float>([1]);
            float read = 0;
            Check(Launch(add, (1, 1), 1, 0, producer, x, 4f));
            Check(Call("cuEventRecord", ready, producer));
            if (waits)
                Check(Call("cuStreamWaitEvent", consumer, ready));
            Check(Call("cuMemcpyDtoHAsync_v2", (nint)(&read), (nint)x, 4, consumer));
            Check(Call("cuStreamSynchronize", consumer));
            Assert.Equal(waits ? 5 : 1, read);
            Check(Call("cuCtxSynchronize"));
        }
    }

    [Fact]
    public void A_staging_buffer_that_is_filled_again_too_early_shows_when_work_is_deferred()
    {
        using var cuda = new RawCuda(("DEFERRED", "1"));
        var stream = Create("cuStreamCreate", NonBlocking);
        nint staging;
        Check(Call("cuMemHostAlloc", (nint)(&staging), 4, 0));
        var x = cuda.Allocate(4);
        *(float*)staging = 1;
        Check(Call("cuMemcpyHtoDAsync_v2", (nint)x, staging, 4, stream));
        *(float*)staging = 2;
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal([2f], Download<float>(x, 1));
        Check(Call("cuMemFreeHost", staging));
    }

    [Fact]
    public void Events_time_work_and_tell_whether_it_is_done()
    {
        using var cuda = new RawCuda(("DEFERRED", "1"));
        nint stream = Create("cuStreamCreate", NonBlocking), start = Create("cuEventCreate", 0), end = Create("cuEventCreate", 0);
        var x = cuda.Upload<float>(new float[32]);
        Check(Call("cuEventRecord", start, stream));
        Check(Launch(cuda.Kernel(Source, "add"), (1, 1), 32, 0, stream, x, 1f));
        Check(Call("cuEventRecord", end, stream));
        float milliseconds;
        Assert.Equal(600, Call("cuEventQuery", end));
        Assert.Equal(600, Call("cuEventElapsedTime", (nint)(&milliseconds), start, end));
        Check(Call("cuEventSynchronize", end));
        Check(Call("cuEventQuery", end));
        Check(Call("cuEventElapsedTime", (nint)(&milliseconds), start, end));
        Assert.InRange(milliseconds, 0, 10_000);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void A_captured_graph_runs_only_when_it_is_launched(string deferred)
    {
        using var cuda = new RawCuda(("DEFERRED", deferred));
        nint add = cuda.Kernel(Source, "add"), scale = cuda.Kernel(Source, "scale"), stream = Create("cuStreamCreate", NonBlocking);
        var x = cuda.Upload<float>([1]);
        nint Capture(float amount)
        {
            Check(Call("cuStreamBeginCapture_v2", stream, ThreadLocalCapture));
            Check(Launch(add, (1, 1), 1, 0, stream, x, amount));
            Check(Launch(scale, (1, 1), 1, 0, stream, x, 2f));
            nint graph;
            Check(Call("cuStreamEndCapture", stream, (nint)(&graph)));
            return graph;
        }

        var first = Capture(1);
        Assert.Equal([1f], Download<float>(x, 1));
        var executable = Create("cuGraphInstantiateWithFlags", first);
        Check(Call("cuGraphLaunch", executable, stream));
        Check(Call("cuGraphLaunch", executable, stream));
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal([10f], Download<float>(x, 1));

        // Other arguments for the same nodes.
        var result = stackalloc int[8];
        Check(Call("cuGraphExecUpdate_v2", executable, Capture(5), (nint)result));
        Check(Call("cuGraphLaunch", executable, stream));
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal([30f], Download<float>(x, 1));

        // Other nodes.
        Check(Call("cuStreamBeginCapture_v2", stream, ThreadLocalCapture));
        Check(Launch(add, (1, 1), 1, 0, stream, x, 1f));
        nint shorter;
        Check(Call("cuStreamEndCapture", stream, (nint)(&shorter)));
        Assert.Equal(910, Call("cuGraphExecUpdate_v2", executable, shorter, (nint)result));
        Check(Call("cuGraphExecDestroy", executable));
        Check(Call("cuGraphDestroy", first));
        Assert.Equal(1, Call("cuGraphLaunch", executable, stream));
    }

    [Fact]
    public void A_second_stream_joins_a_capture_by_an_event()
    {
        using var cuda = new RawCuda();
        nint add = cuda.Kernel(Source, "add"), main = Create("cuStreamCreate", NonBlocking), side = Create("cuStreamCreate", NonBlocking);
        nint fork = Create("cuEventCreate", 2), join = Create("cuEventCreate", 2);
        ulong x = cuda.Upload<float>([1]), y = cuda.Upload<float>([1]);
        Check(Call("cuStreamBeginCapture_v2", main, ThreadLocalCapture));
        Check(Call("cuEventRecord", fork, main));
        Check(Call("cuStreamWaitEvent", side, fork));
        Check(Launch(add, (1, 1), 1, 0, side, x, 1f));
        Check(Launch(add, (1, 1), 1, 0, main, y, 2f));
        Check(Call("cuEventRecord", join, side));
        Check(Call("cuStreamWaitEvent", main, join));
        nint graph;
        Check(Call("cuStreamEndCapture", main, (nint)(&graph)));
        Assert.Equal((1f, 1f), (Download<float>(x, 1)[0], Download<float>(y, 1)[0]));
        Check(Call("cuGraphLaunch", Create("cuGraphInstantiateWithFlags", graph), main));
        Check(Call("cuCtxSynchronize"));
        Assert.Equal((2f, 3f), (Download<float>(x, 1)[0], Download<float>(y, 1)[0]));
    }

    [Fact]
    public void Waiting_for_a_stream_that_captures_is_refused()
    {
        using var cuda = new RawCuda();
        var stream = Create("cuStreamCreate", NonBlocking);
        Check(Call("cuStreamBeginCapture_v2", stream, 0));
        Assert.Equal(900, Call("cuStreamSynchronize", stream));
        Assert.Equal(900, Call("cuCtxSynchronize"));
        nint graph;
        Check(Call("cuStreamEndCapture", stream, (nint)(&graph)));
        Check(Call("cuStreamSynchronize", stream));
    }
}
