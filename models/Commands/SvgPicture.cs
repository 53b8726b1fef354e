using System.Text;
using GptGen.Checkpoints;
using OxyPlot;

namespace GptGen.Models.Commands;

/// <summary>A plot as an SVG file that looks the same wherever it is opened.</summary>
internal static class SvgPicture
{
    /// <summary>None of these is on every machine, but the last names a kind of font.</summary>
    internal const string Fonts = "Segoe UI, Helvetica, Arial, DejaVu Sans, sans-serif";

    private const int Width = 800;
    private const int Height = 500;

    /// <summary>Replaces a file by a plot's picture.</summary>
    /// <exception cref="GptGenException">It cannot be written.</exception>
    internal static void Save(string path, PlotModel plot)
    {
        // Programs other than browsers do not know the attribute for a text's vertical alignment.
        var exporter = new SvgExporter
        {
            Width = Width,
            Height = Height,
            TextMeasurer = new GenerousText(),
            UseVerticalTextAlignmentWorkaround = true,
        };
        var svg = exporter.ExportToString(plot);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(svg)));
    }

    /// <summary>
    /// Measures texts for the widest of the fonts that may show them: which one does is known where the picture is opened. PDF's own font, by which
    /// the library measures, is narrower than most. The height is what stands above the line of writing, by which the exporter places a text.
    /// </summary>
    private sealed class GenerousText() : PdfRenderContext(Width, Height, OxyColors.White)
    {
        private const double CharacterWidth = 0.64;
        private const double BoldWidth = 0.72;
        private const double LineHeight = 0.85;

        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) => string.IsNullOrEmpty(text)
            ? OxySize.Empty
            : new((fontWeight > FontWeights.Normal ? BoldWidth : CharacterWidth) * fontSize * text.Length, LineHeight * fontSize);
    }
}
