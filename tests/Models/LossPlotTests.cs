using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The loss plot shows all of its texts, in whatever font a program has for them.</summary>
public sealed partial class LossPlotTests : IDisposable
{
    private const int Width = 800;
    private const int Height = 500;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(12, 3)]
    [InlineData(500, 100)]
    [InlineData(30_000, 1000)]
    public void EveryTextIsInsideOfThePictureAndOfItsClips(int steps, int every)
    {
        var texts = Texts(Draw(steps, every, "gpt1-mini-4k"));
        Assert.All(
            texts, static text => Assert.True(
                text.Left >= 0 && text.Right <= Width && text.Top >= 0 && text.Bottom <= Height, $"{text} is cut off by the picture"));
        Assert.All(
            texts, static text => Assert.True(
                text.ClipLeft <= text.Left && text.Right <= text.ClipRight && text.ClipTop <= text.Top && text.Bottom <= text.ClipBottom,
                $"{text} is clipped"));
        var title = Assert.Single(texts, static text => text.Value == "gpt1-mini-4k");
        foreach (var name in (string[])["training", "validation"])
        {
            var legend = Assert.Single(texts, text => text.Value == name);
            Assert.True(legend.Top >= title.Bottom, $"{legend} is over {title}");
        }

        // Numbers and the name of an axis do not lie on each other.
        var axis = Assert.Single(texts, static text => text.Value == "loss, nats per token");
        Assert.All(
            texts.Where(static text => double.TryParse(text.Value, CultureInfo.InvariantCulture, out _)), text => Assert.True(
                text.Left >= axis.Right || text.Top >= axis.Bottom, $"{text} is over {axis}"));
    }

    [Fact]
    public void TheLastValidationValueIsWritten()
    {
        var path = folder.File("loss.svg");
        var plot = new LossPlot();
        plot.Add(new(1, 3, null));
        plot.Add(new(2, 2, 1.25));
        plot.Add(new(3, 1, 0.9041));
        plot.Save(path, "a");
        Assert.Single(Texts(XDocument.Load(path)), static text => text.Value == "validation 0.904");
    }

    [Fact]
    public void LossesThatAreNoNumbersAreLeftOut()
    {
        var path = folder.File("loss.svg");
        var plot = new LossPlot();
        plot.Add(new(1, double.NaN, double.NaN));
        plot.Add(new(2, 2, 2.5));
        plot.Add(new(3, double.PositiveInfinity, double.NegativeInfinity));
        plot.Add(new(4, 1, null));
        plot.Save(path, "a");
        var text = File.ReadAllText(path);
        Assert.DoesNotContain("NaN", text);
        Assert.DoesNotContain("Infinity", text);
        Assert.DoesNotContain('∞', text);
        Assert.Contains("validation 2.500", text);
        new LossPlot().Save(path, "a");
        Assert.Contains("<svg", File.ReadAllText(path));
    }

    private XDocument Draw(int steps, int every, string title)
    {
        var path = folder.File("loss.svg");
        var plot = new LossPlot();
        for (var step = 1; step <= steps; step++)
        {
            var loss = 1 + (5 * Math.Exp(-4.0 * step / steps));
            plot.Add(new(step, loss, step % every == 0 ? loss + 0.1 : null));
        }

        plot.Save(path, title);
        return XDocument.Load(path);
    }

    /// <summary>
    /// The texts with room for a wide font such as DejaVu Sans; as programs without the attribute for vertical alignment place them.
    /// </summary>
    private static List<TextBox> Texts(XDocument picture)
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        var clips = picture.Descendants(svg + "clipPath").ToDictionary(
            static clip => $"url(#{clip.Attribute("id")!.Value})", static clip => clip.Elements().Single());
        return [.. picture.Descendants(svg + "text").Select(text =>
        {
            Assert.Equal("baseline", text.Attribute("dominant-baseline")!.Value);
            Assert.EndsWith("sans-serif", text.Attribute("font-family")!.Value);
            var size = Number(text, "font-size");
            var place = Place().Match(text.Attribute("transform")!.Value);
            var (x, y) = (Parse(place.Groups[1].Value), Parse(place.Groups[2].Value));
            var width = text.Value.Length * size * (Number(text, "font-weight") > 500 ? 0.7 : 0.62);
            var before = text.Attribute("text-anchor")!.Value switch { "end" => width, "middle" => width / 2, _ => 0 };
            var (ascent, descent) = (0.8 * size, 0.22 * size);
            var clip = text.Ancestors(svg + "g").Select(static group => group.Attribute("clip-path")?.Value).OfType<string>()
                .Select(name => clips[name]).First();
            return place.Groups[3].Success
                ? new TextBox(text.Value, x - ascent, y - (width - before), x + descent, y + before, clip)
                : new TextBox(text.Value, x - before, y - ascent, x - before + width, y + descent, clip);
        })];
    }

    private static double Number(XElement element, string name) => Parse(element.Attribute(name)!.Value);

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"translate\(([-.\d]+),([-.\d]+)\)( rotate\(-90\))?")]
    private static partial Regex Place();

    private sealed record TextBox(string Value, double Left, double Top, double Right, double Bottom, XElement Clip)
    {
        public double ClipLeft => Number(Clip, "x");

        public double ClipTop => Number(Clip, "y");

        public double ClipRight => ClipLeft + Number(Clip, "width");

        public double ClipBottom => ClipTop + Number(Clip, "height");
    }
}
