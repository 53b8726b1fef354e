using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>Typing in an editor must not generate again what has not changed.</summary>
public class IncrementalityTests
{
    [Fact]
    public void An_unrelated_edit_generates_nothing()
    {
        var reasons = Edit([GeneratorHarness.Model(""), "class Unrelated;"], 1, "class Unrelated { int field = 1; }");

        Assert.All(reasons, reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));
    }

    [Fact]
    public void A_comment_in_the_models_own_file_generates_nothing()
    {
        var reasons = Edit([GeneratorHarness.Model("")], 0, "// A comment.\n" + GeneratorHarness.Model(""));

        Assert.All(reasons, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void A_changed_layer_count_generates_again() => Assert.Equal(
        [IncrementalStepRunReason.Modified],
        Edit([GeneratorHarness.Model("Layers = 2")], 0, GeneratorHarness.Model("Layers = 3")));

    [Fact]
    public void Two_specifications_are_independent() => Assert.Equal(
        [IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified],
        Edit(
            [GeneratorHarness.Model("", "First"), GeneratorHarness.Model("Layers = 2", "Second")], 1,
            GeneratorHarness.Model("Layers = 3", "Second")));

    [Fact]
    public void A_new_model_leaves_the_others_as_they_are() => Assert.Equal(
        [IncrementalStepRunReason.Cached, IncrementalStepRunReason.New],
        Edit([GeneratorHarness.Model("", "First"), "class Unrelated;"], 1, GeneratorHarness.Model("Layers = 2", "Second")));

    [Fact]
    public void The_body_of_an_own_method_generates_nothing()
    {
        static string WithMethod(string body) => GeneratorHarness.Model("").TrimEnd(';') + $" {{ private static int Own() => {body}; }}";

        Assert.Equal([IncrementalStepRunReason.Cached], Edit([WithMethod("1")], 0, WithMethod("2 + 3")));
    }

    [Fact]
    public void Cached_models_hold_nothing_from_Roslyn()
    {
        var steps = GeneratorHarness.Run(
            GeneratorHarness.Model("").TrimEnd(';') + " { private const int Layers = 2; }", GeneratorHarness.Model("", "Other"))
            .Results.Single().TrackedSteps;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var name in new[] { TransformerGenerator.ModelStep, TransformerGenerator.EmitStep })
        {
            foreach (var output in steps[name].SelectMany(step => step.Outputs))
                Walk(output.Value, name, seen);
        }

        Assert.True(seen.Count > 10, "the walk reached too little to mean anything");
    }

    private static IncrementalStepRunReason[] Edit(string[] sources, int changed, string text)
    {
        var compilation = GeneratorHarness.Compile(sources);
        var driver = GeneratorHarness.CreateDriver().RunGenerators(compilation);
        var old = compilation.SyntaxTrees[changed];
        var edited = compilation.ReplaceSyntaxTree(old, GeneratorHarness.Parse(text, old.FilePath));
        return [.. driver.RunGenerators(edited).GetRunResult().Results.Single().TrackedSteps[TransformerGenerator.EmitStep]
            .SelectMany(step => step.Outputs).Select(output => output.Reason)];
    }

    private static void Walk(object? value, string path, HashSet<object> seen)
    {
        if (value is null or string || !seen.Add(value))
            return;
        var type = value.GetType();
        Assert.False(type.Namespace?.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) ?? false, $"{path} holds a {type}");
        if (type.IsPrimitive || type.IsEnum)
            return;
        if (value is IEnumerable items)
        {
            foreach (var item in items)
                Walk(item, path + "[]", seen);
        }

        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            foreach (var field in declaring.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
        }
    }
}
