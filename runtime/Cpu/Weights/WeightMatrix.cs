using System.Runtime.CompilerServices;
using GptGen.Checkpoints;

namespace GptGen.Cpu;

/// <summary>Rows of weights as they lie in memory: f32, or a smaller type that is decoded as it is read.</summary>
/// <param name="data">The first row.</param>
/// <param name="rowBytes">Bytes from one row to the next.</param>
/// <param name="type">How each row is kept.</param>
internal readonly unsafe struct WeightMatrix(byte* data, nint rowBytes, ElementType type)
{
    private readonly PackedPanels panels;

    /// <summary>How each row is kept.</summary>
    public ElementType Type => type;

    /// <summary>A matrix of f32 numbers, <paramref name="stride"/> elements from one row to the next.</summary>
    public WeightMatrix(float* data, nint stride)
        : this((byte*)data, stride * sizeof(float), ElementType.F32)
    {
    }

    /// <summary>A matrix of f32 numbers that is kept in panels.</summary>
    public WeightMatrix(float* data, PackedPanels panels)
        : this((byte*)data, 0, ElementType.F32) => this.panels = panels;

    /// <summary>Whether the numbers lie in panels, as products read them, and not in rows.</summary>
    public bool IsPacked => panels.Width > 0;

    /// <summary>Whether the rows are numbers that products read as they are.</summary>
    public bool IsFloat32 => type == ElementType.F32 && !IsPacked;

    /// <summary>The first number, where they are f32.</summary>
    public float* Floats => (float*)data;

    /// <summary>Elements from one row to the next, where <see cref="IsFloat32"/>.</summary>
    public nint Stride => rowBytes / sizeof(float);

    /// <summary>The transpose as the right operand of a product, where the numbers are f32.</summary>
    public MatrixOperand Transposed => IsPacked ? new(Floats, panels) : new(Floats, Stride, transposed: true);

    /// <summary>Bytes from one row to the next.</summary>
    public nint RowBytes => rowBytes;

    /// <summary>A row as it lies in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Encoded(nint row) => data + row * rowBytes;

    /// <summary>The matrix from some row on.</summary>
    public WeightMatrix From(nint row) => new(Encoded(row), rowBytes, type);

    /// <summary>
    /// A row of <paramref name="width"/> numbers: where it lies, or decoded into <paramref name="buffer"/>, while memory is asked for the row that is
    /// <paramref name="ahead"/> rows further on.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row<TSimd, TVector>(nint row, nint width, float* buffer, nint ahead = 0)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        if (IsFloat32)
            return (float*)Encoded(row);
        if (IsPacked)
        {
            panels.Read(Floats, row * width, new(buffer, (int)width));
            return buffer;
        }

        WeightDecoding.Decode<TSimd, TVector>(type, Encoded(row), width, buffer, ahead * rowBytes);
        return buffer;
    }
}
