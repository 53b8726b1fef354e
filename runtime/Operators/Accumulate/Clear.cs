namespace GptGen;

public abstract partial class Device
{
    /// <summary>y = 0: [rows, width].</summary>
    public void Clear<TWidth>(Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(y, y.Count);
        y.Start.Arena.Clear(y.Start.Offset, (nint)y.Count * TWidth.Size);
    }
}
