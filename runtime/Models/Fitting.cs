using System.Globalization;

namespace GptGen;

/// <summary>What messages about too little memory say.</summary>
internal static class Fitting
{
    /// <summary>The largest number from 1 to <paramref name="most"/> that fits, where every smaller one does too; 0 when none does.</summary>
    public static int Largest(int most, Func<int, bool> fits)
    {
        var (low, beyond) = (0, Math.Max(0, most) + 1);
        while (beyond - low > 1)
        {
            var middle = low + ((beyond - low) / 2);
            if (fits(middle))
                low = middle;
            else
                beyond = middle;
        }

        return low;
    }

    /// <summary>Bytes in millions, as "1,234".</summary>
    public static string Megabytes(double bytes) => (bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture);
}
