using GptGen.Cuda;
using GptGen.Distributed;

namespace GptGen.Models.Commands;

/// <summary>How a device keeps what a model needs, by which its memory is counted without allocating anything.</summary>
/// <param name="LogitRows">Rows whose logits a training graph holds at once, at most.</param>
/// <param name="SizeOf">Bytes of an element of a role and of what is kept beside it.</param>
/// <param name="Divide">How so many processes divide a model's moments.</param>
internal sealed record DeviceMemory(int LogitRows, Func<BufferRole, int> SizeOf, Func<ModelDescription, int, Partition> Divide)
{
    /// <summary>The CPU's, where every number has four bytes.</summary>
    internal static DeviceMemory Cpu { get; } = new(
        Device.FewLogitRows, static _ => sizeof(float), static (model, ranks) => Partition.OfBlocks(model, ranks));

    /// <summary>A device's.</summary>
    internal static DeviceMemory Of(Device device) => device is CudaDevice gpu ? OfGpu(gpu.Precision, gpu.LogitRows) : Cpu;

    /// <summary>A GPU's, which holds more rows of logits the more memory it has.</summary>
    internal static DeviceMemory OfGpu(GpuPrecision precision, int logitRows) => new(
        logitRows, new GpuElementTypes(precision).KeptSize, static (model, ranks) => Partition.OfEqualPieces(model, ranks));
}
