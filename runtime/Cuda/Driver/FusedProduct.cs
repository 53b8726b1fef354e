namespace GptGen.Cuda.Driver;

/// <summary>What happens to a product's sums before they are stored; the numbers are those of <c>cublasLtEpilogue_t</c>.</summary>
internal enum ProductEnding
{
    /// <summary>Nothing.</summary>
    None = 1,

    /// <summary>max(sum, 0).</summary>
    Relu = 2,

    /// <summary>The vector, one number a column, is added.</summary>
    Bias = 4,

    /// <summary>The vector is added; then max(…, 0).</summary>
    ReluBias = Relu | Bias,

    /// <summary>GELU with tanh.</summary>
    Gelu = 32,

    /// <summary>The vector is added; then GELU.</summary>
    GeluBias = Gelu | Bias,

    /// <summary>The sums are stored in the second matrix as well; then GELU.</summary>
    GeluKept = Gelu | 128,

    /// <summary>The vector is added and the sum stored in the second matrix as well; then GELU.</summary>
    GeluBiasKept = GeluKept | Bias,

    /// <summary>The sums are multiplied with the slope of GELU at the second matrix.</summary>
    GeluBackward = 64 | 128,

    /// <summary>The vector becomes the sums of the left factor's rows, as it is used: one number a row of the result.</summary>
    RowSumsOfLeft = 512,
}

/// <summary>What endings need.</summary>
internal static class ProductEndings
{
    /// <summary>Whether an ending reads or writes the vector.</summary>
    public static bool HasVector(this ProductEnding ending) => (ending & (ProductEnding.Bias | ProductEnding.RowSumsOfLeft)) != 0;

    /// <summary>Whether an ending reads or writes the second matrix.</summary>
    public static bool HasSecond(this ProductEnding ending) =>
        ending is ProductEnding.GeluKept or ProductEnding.GeluBiasKept or ProductEnding.GeluBackward;
}

/// <summary>
/// A product in which something more is done: result = ending(a·b + added), of matrices stored by rows, summed in f32.
/// </summary>
/// <param name="Rows">Rows of the result, and of a as it is used.</param>
/// <param name="Columns">Columns of the result, and of b as it is used.</param>
/// <param name="Depth">Columns of a and rows of b, as they are used.</param>
/// <param name="A">The left factor.</param>
/// <param name="B">The right factor, of a's type.</param>
/// <param name="Result">Where the product goes; not transposed.</param>
internal readonly record struct FusedProduct(int Rows, int Columns, int Depth, GpuMatrix A, GpuMatrix B, GpuMatrix Result)
{
    /// <summary>What happens to the sums.</summary>
    public ProductEnding Ending { get; init; } = ProductEnding.None;

    /// <summary>The ending's vector, of the result's type.</summary>
    public GpuAddress Vector { get; init; }

    /// <summary>The ending's second matrix, of the result's type and stride.</summary>
    public GpuAddress Second { get; init; }

    /// <summary>What is added to the product, of the result's type and stride: nothing, other memory, or the result's own.</summary>
    public GpuAddress Added { get; init; }

    /// <summary>What f32 factors are rounded to; others are not.</summary>
    public ProductPrecision Precision { get; init; }

    /// <summary>What the choice of an algorithm depends on.</summary>
    public ProductShape Shape => new(
        Rows, Columns, Depth, A.RowStride, B.RowStride, Result.RowStride, A.Transposed, B.Transposed, A.Element, Result.Element, Precision, Ending,
        Added.Value != 0, Added == Result.Address);

    /// <summary>Whether every address and every row begins at a multiple of 16 bytes.</summary>
    public bool IsAligned
    {
        get
        {
            const int Alignment = 16;
            var bits = A.Address.Value | B.Address.Value | Result.Address.Value | Vector.Value | Second.Value | Added.Value;
            return bits % Alignment == 0 && StrideBytes(A) % Alignment == 0 && StrideBytes(B) % Alignment == 0
                && StrideBytes(Result) % Alignment == 0;
        }
    }

    private static int StrideBytes(GpuMatrix matrix) => matrix.RowStride * matrix.ElementBytes;
}

/// <summary>Sizes, types and ending of a product, which have one plan.</summary>
internal readonly record struct ProductShape(
    int Rows, int Columns, int Depth, int StrideA, int StrideB, int StrideResult, bool TransposedA, bool TransposedB, GpuElement Factor,
    GpuElement Result, ProductPrecision Precision, ProductEnding Ending, bool Adds, bool AddsInPlace);
