using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace GptGen.Cpu;

/// <summary>Something that is done with the kernel of a vector width; see <see cref="MicroKernels.Choose"/>.</summary>
internal interface IKernelAction
{
    /// <summary>Does it with this kernel, whose vectors are those of <typeparamref name="TSimd"/>.</summary>
    void Invoke<TKernel, TSimd, TVector>()
        where TKernel : struct, IMicroKernel
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;
}

/// <summary>Which kernel suits which vector width.</summary>
internal static class MicroKernels
{
    /// <summary>
    /// Floats from what a kernel multiplies to what it asks for (4 KiB): a panel that is read from memory for a few rows then comes in time, and one
    /// that stays in the cache is not disturbed.
    /// </summary>
    public const int Ahead = 1024;

    /// <summary>
    /// How many k are multiplied between two looks at the counter. Where another program runs on the other half of the core, the instructions it is
    /// given are the limit and not the multiplications.
    /// </summary>
    public const int Unrolled = 4;

    /// <summary>The most rows of <see cref="IMicroKernel.MultiplyFew"/>.</summary>
    public const int MostFew = 4;

    /// <summary>Columns of the tile of a width's kernel.</summary>
    public static int ColumnsOf(SimdLevel level)
    {
        var columns = new TileColumns();
        Choose(level, ref columns);
        return columns.Count;
    }

    /// <summary>Invokes the action with the kernel that fills the registers of the width best.</summary>
    public static void Choose<TAction>(SimdLevel level, ref TAction action)
        where TAction : struct, IKernelAction
    {
        switch (level)
        {
            case SimdLevel.Vector512:
                action.Invoke<MicroKernel12<Simd512, Vector512<float>>, Simd512, Vector512<float>>();
                break;
            case SimdLevel.Vector256:
                action.Invoke<MicroKernel6<Simd256, Vector256<float>>, Simd256, Vector256<float>>();
                break;
            case SimdLevel.Vector128 when AdvSimd.IsSupported:
                action.Invoke<MicroKernel12<Simd128, Vector128<float>>, Simd128, Vector128<float>>();
                break;
            default:
                action.Invoke<MicroKernel6<Simd128, Vector128<float>>, Simd128, Vector128<float>>();
                break;
        }
    }

    private struct TileColumns : IKernelAction
    {
        public int Count { get; private set; }

        public void Invoke<TKernel, TSimd, TVector>()
            where TKernel : struct, IMicroKernel
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged => Count = TKernel.Columns;
    }
}
