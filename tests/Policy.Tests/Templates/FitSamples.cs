using Actors.Policy.Templates;

namespace Actors.Policy.Tests.Templates;

/// <summary>Templates to send, parts of sends, and what is asked of the fit.</summary>
internal static class FitSamples
{
    public static readonly TemplateContent Plain = new() { Name = "n", Language = "en", Category = Category.Utility, Body = "Hello there" };

    public static readonly TemplateContent Two = Plain with { Body = "Hello {{1}}, your order {{2}} is on its way." };

    public static readonly TemplateContent Named = Two with { ParameterFormat = ParameterFormat.Named, Body = "Hello {{name}}, your order {{no}} is here." };

    public static readonly TemplateContent Code = Plain with
    {
        Category = Category.Authentication,
        Body = "",
        Buttons = [Button(ButtonType.Otp)],
    };

    public static TemplateButton Button(ButtonType type, string? url = null) => new(type, "x", url, null, null);

    public static SentParameter Text(string? text) => new("text", null, text);

    public static SentParameter Text(string name, string? text) => new("text", name, text);

    public static SentComponent Body(params ReadOnlySpan<SentParameter> parameters) => new("body", null, 0, [.. parameters]);

    public static SentComponent Header(params ReadOnlySpan<SentParameter> parameters) => new("header", null, 0, [.. parameters]);

    public static SentComponent Sent(int index, string? subType, params ReadOnlySpan<SentParameter> parameters) =>
        new("button", subType, index, [.. parameters]);

    public static void Fits(TemplateContent template, params ReadOnlySpan<SentComponent> components) =>
        Assert.Null(TemplateFit.Check(template, [.. components]));

    public static void Refuses(int code, string details, TemplateContent template, params ReadOnlySpan<SentComponent> components) =>
        Assert.Equal(new TemplateMismatch(code, details), TemplateFit.Check(template, [.. components]));
}
