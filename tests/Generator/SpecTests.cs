using GptGen.Generator.Architectures;
using GptGen.Generator.Spec;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>The generator cannot reference the runtime, so what it says about the runtime's attributes is held to them here.</summary>
public class SpecTests
{
    [Fact]
    public void Attribute_names_are_the_runtimes() => Assert.Equal(
        typeof(ModelAttribute).Assembly.GetTypes().Where(type => !type.IsAbstract && typeof(ModelAttribute).IsAssignableFrom(type))
            .Select(type => type.FullName!).Order(StringComparer.Ordinal),
        Architecture.ByAttribute.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(typeof(BertAttribute))]
    [InlineData(typeof(ElmoAttribute))]
    [InlineData(typeof(Gpt1Attribute))]
    [InlineData(typeof(Gpt2Attribute))]
    [InlineData(typeof(Seq2SeqAttribute))]
    [InlineData(typeof(TransformerXLAttribute))]
    public void Defaults_are_the_attributes(Type family)
    {
        var attribute = (ModelAttribute)Activator.CreateInstance(family)!;
        var model = Parse("", family.Name.Replace("Attribute", ""));
        foreach (var property in family.GetProperties()
            .Where(property => property.DeclaringType == typeof(TransformerAttribute) || property.DeclaringType == typeof(ModelAttribute)))
        {
            var expected = property.Name == nameof(TransformerAttribute.HiddenWidth) ? 4 * attribute.Width : property.GetValue(attribute);
            var actual = typeof(ModelSpec).GetProperty(property.Name)?.GetValue(model);
            Assert.True(actual is not null, $"ModelSpec lacks {property.Name}");
            Assert.Equal(expected!.ToString(), actual.ToString());
        }
    }

    [Fact]
    public void Defaults_of_an_lstms_layer_are_the_attributes()
    {
        var (attribute, model) = (new ElmoAttribute(), Parse("", "Elmo"));
        Assert.Equal(attribute.Cells, model.HiddenWidth);
        Assert.Contains($"new(global::GptGen.TimeDirection.Backward, {attribute.CellClip:F0}f, {attribute.ProjectionClip:F0}f)", string.Concat(
            GeneratorHarness.Files(GeneratorHarness.Model("Width = 8, Cells = 16", family: "Elmo")).Values));
    }

    [Fact]
    public void Enumerations_are_the_runtimes()
    {
        Assert.Equal(Members<Activation>(), Members<ActivationKind>());
        Assert.Equal(Members<LayerNormPlacement>(), Members<NormPlacement>());
    }

    [Fact]
    public void Equal_sources_give_equal_models()
    {
        const string Arguments = "Width = 96, Epsilon = 1e-6f, TiedHead = false";
        Assert.Equal(Parse(Arguments), Parse(Arguments));
        Assert.Equal(Parse(Arguments).GetHashCode(), Parse(Arguments).GetHashCode());
        Assert.NotEqual(Parse(Arguments), Parse("Width = 96, Epsilon = 1e-6f"));
    }

    private static ModelSpec Parse(string arguments, string family = "Gpt2") => GeneratorHarness.Spec(arguments, family);

    private static IEnumerable<string> Members<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(value => $"{value} = {Convert.ToInt32(value)}");
}
