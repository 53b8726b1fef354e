namespace GptGen.Benchmarks.Gpu;

/// <summary>Products without sparsity by NVIDIA's datasheets, in TFLOP/s: what model FLOP utilisation (MFU) is measured against.</summary>
internal static class Peaks
{
    private static readonly (string Name, double Float32, double TensorFloat32)[] s_datasheets =
    [
        ("A100", 19.5, 156),
        ("H100 PCIe", 51, 378),
        ("H100 NVL", 60, 417.5),
        ("H100", 66.9, 494.7),
        ("H200", 66.9, 494.7),
    ];

    /// <summary>The peak of a GPU, or null when it is not in the table.</summary>
    public static double? Of(string gpuName, GpuPrecision precision)
    {
        foreach (var (name, float32, tensor) in s_datasheets)
        {
            if (gpuName.Contains(name, StringComparison.Ordinal))
                return precision switch { GpuPrecision.Float32 => float32, GpuPrecision.TensorFloat32 => tensor, _ => 2 * tensor };
        }

        return null;
    }
}
