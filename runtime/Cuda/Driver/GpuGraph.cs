using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>Recorded work of a stream that runs again with one call.</summary>
internal sealed class GpuGraph : GpuResource
{
    private CUgraphExec handle;

    private GpuGraph(GpuContext context, CUgraphExec handle) : base(context) => this.handle = handle;

    internal CUgraphExec Handle => handle;

    /// <summary>
    /// Makes a recording runnable, in the place of <paramref name="graph"/> where there is one: new arguments are put in, which is several times
    /// cheaper than to start anew; a recording of another shape replaces it.
    /// </summary>
    internal static GpuGraph Take(GpuContext context, GpuGraph? graph, CUgraph recorded, string operation)
    {
        try
        {
            if (graph is null)
                return new(context, Instantiate(recorded, operation));
            var result = default(CUgraphExecUpdateResultInfo);
            var status = DriverAPINativeMethods.GraphManagment.cuGraphExecUpdate(graph.handle, recorded, ref result);
            if (status == CUResult.ErrorGraphExecUpdateFailure)
                graph.Replace(Instantiate(recorded, operation));
            else
                Status.Check(status, "cuGraphExecUpdate", operation);
            return graph;
        }
        finally
        {
            DriverAPINativeMethods.GraphManagment.cuGraphDestroy(recorded);
        }
    }

    /// <inheritdoc/>
    protected override void Free() => DriverAPINativeMethods.GraphManagment.cuGraphExecDestroy(handle);

    private static CUgraphExec Instantiate(CUgraph recorded, string operation)
    {
        var handle = default(CUgraphExec);
        Status.Check(
            DriverAPINativeMethods.GraphManagment.cuGraphInstantiate(ref handle, recorded, CUgraphInstantiate_flags.None), "cuGraphInstantiate",
            operation);
        return handle;
    }

    private void Replace(CUgraphExec other)
    {
        Free();
        handle = other;
    }
}
