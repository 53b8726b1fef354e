using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

// Products of few rows: what cuBLAS has for them is made for many, and what comes behind the product would be launches of its own.
public sealed partial class CudaDevice
{
    /// <summary>The most rows of <c>fewrows.cu</c>: in f32 each lane has a sum in a register for each of them.</summary>
    internal const int MostFewRows = 8;

    /// <summary>Columns that a warp of it has.</summary>
    private const int FewRowsColumns = 8;

    internal static readonly KernelTemplate FewRowsTemplate =
        new("fewrows.cu", "fewrows::multiply", "tensor_cores.cuh", ActivationFunctions);

    /// <summary>Whether products of few rows are the kernel's; tests and benchmarks turn it off.</summary>
    internal bool MultipliesFewRows
    {
        get;
        set
        {
            field = value;
            choices++;
        }
    } = true;

    /// <summary>
    /// y = residual + f(x W^T + bias) by the kernel for few rows, of which bias, function and residual may be absent; false, and nothing was done,
    /// where there are more rows, or rows that do not begin at multiples of 16 bytes.
    /// </summary>
    private bool TryMultiplyFewRows(
        Location x, Location weight, Location bias, Activation? function, Location residual, Location y, int rows, int inWidth, int outWidth,
        string operation)
    {
        if (!MultipliesFewRows || rows > MostFewRows || inWidth % types.Wide != 0 || !AreAligned(Address(x), Address(weight))
            || x.Arena.Role != BufferRole.Activation || weight.Arena.Role != BufferRole.Parameter
            || y.Arena.Role is not (BufferRole.Activation or BufferRole.Workspace or BufferRole.Logit))
            return false;
        var (split, _) = FewRowsSplit(outWidth);
        Launch(
            FewRowsKernel(outWidth, function, y.Arena.Role), GridSize.Covering(outWidth, FewRowsColumns * BlockWarps / split), BlockThreads,
            [Address(x), Address(weight), Address(bias), Address(residual), Address(y), rows, inWidth, outWidth], operation);
        return true;
    }

    private static KernelKey FewRowsKernel(int outWidth, Activation? function, BufferRole role)
    {
        var (split, ahead) = FewRowsSplit(outWidth);
        return FewRowsTemplate.With(split, ahead, function is { } chosen ? (int)chosen : -1, (int)role);
    }

    /// <summary>
    /// How many warps share a tile of columns and how many steps of the weight are under way in each: as many warps as fill a large GPU also where
    /// there are few columns. By the columns alone, so that the bits of a row do not depend on the rows beside it.
    /// </summary>
    private static (int Split, int Ahead) FewRowsSplit(int outWidth) => outWidth >= WideVocabulary ? (2, 8) : (8, 6);
}
