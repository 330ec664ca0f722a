using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>One component of a send's parameters, as the sender gave it.</summary>
/// <param name="Type">header, body or button, in any case.</param>
/// <param name="SubType">For a button: quick_reply, url, copy_code, …, in any case; else null.</param>
/// <param name="Index">For a button: its index; else 0.</param>
/// <param name="Parameters">Its parameters, in order.</param>
public readonly record struct SentComponent(string Type, string? SubType, int Index, ImmutableArray<SentParameter> Parameters);

/// <summary>One parameter of a send.</summary>
/// <param name="Type">text, currency, date_time, image, video, document, location, payload, coupon_code, …, in any case.</param>
/// <param name="Name">Its name, for named variables; else null.</param>
/// <param name="Text">Its text, payload, code, link or fallback value; null for what has no text.</param>
public readonly record struct SentParameter(string Type, string? Name, string? Text);

/// <summary>Why a send's parameters don't fit its template.</summary>
/// <param name="Code">The Cloud API's code: 132000 (count), 132005 (too long), 132012 (format) or 132018 (other).</param>
/// <param name="Details">What is wrong, naming the component and the parameter.</param>
public sealed record TemplateMismatch(int Code, string Details)
{
    internal static TemplateMismatch Count(string where, int given, int expected) =>
        new(132000, $"{where}: number of parameters ({given}) does not match the expected number of parameters ({expected})");

    internal static TemplateMismatch TooLong(string where, int length, int max) => new(132005, $"{where}: {length} characters are too long, at most {max} fit");

    internal static TemplateMismatch Format(string where, string what) => new(132012, $"{where}: {what}");

    internal static TemplateMismatch Other(string where, string what) => new(132018, $"{where}: {what}");
}

/// <summary>Whether a send's parameters fit its template.</summary>
/// <remarks>
/// Types are compared without case. An authentication template's text is the platform's own: its body takes one code, and its button the code again.
/// Variables must be as the linter wants them (<see cref="TemplateLint"/>).
/// </remarks>
public static class TemplateFit
{
    /// <summary>The first thing that doesn't fit, or null.</summary>
    public static TemplateMismatch? Check(TemplateContent template, ImmutableArray<SentComponent> components)
    {
        if (components.IsDefault)
        {
            components = [];
        }

        return Known(components)
            ?? HeaderFit.Check(template, ParametersOf("header", components))
            ?? Body(template, ParametersOf("body", components))
            ?? ButtonFit.Check(template.Buttons, components);
    }

    internal static bool Is(this string? given, string type) => string.Equals(given, type, StringComparison.OrdinalIgnoreCase);

    private static TemplateMismatch? Known(ImmutableArray<SentComponent> components)
    {
        var (headers, bodies) = (0, 0);
        foreach (var component in components)
        {
            if (component.Type.Is("header"))
            {
                headers++;
            }
            else if (component.Type.Is("body"))
            {
                bodies++;
            }
            else if (!component.Type.Is("button"))
            {
                return TemplateMismatch.Other(component.Type, "this type of component is not supported");
            }
        }

        return headers > 1 ? TemplateMismatch.Other("header", "given more than once")
            : bodies > 1 ? TemplateMismatch.Other("body", "given more than once")
            : null;
    }

    private static ImmutableArray<SentParameter> ParametersOf(string type, ImmutableArray<SentComponent> components)
    {
        foreach (var component in components)
        {
            if (component.Type.Is(type))
            {
                return component.Parameters.IsDefault ? [] : component.Parameters;
            }
        }

        return [];
    }

    private static TemplateMismatch? Body(TemplateContent template, ImmutableArray<SentParameter> parameters) =>
        template.Category == Category.Authentication
            ? OneTimeCode("body", parameters)
            : TextFit.Check("body", template.Body, template.ParameterFormat, parameters, TemplateLimits.Body);

    /// <summary>One parameter with a code, as the body and the button of an authentication template take it.</summary>
    internal static TemplateMismatch? OneTimeCode(string where, ImmutableArray<SentParameter> parameters)
    {
        if (parameters.Length != 1)
        {
            return TemplateMismatch.Count(where, parameters.Length, 1);
        }

        var code = parameters[0];
        if (!code.Type.Is("text") || string.IsNullOrEmpty(code.Text))
        {
            return TemplateMismatch.Format(where, "the code must be a text");
        }

        return TextLength.Of(code.Text) > TemplateLimits.OneTimeCode
            ? TemplateMismatch.Other(where, $"a one-time code has at most {TemplateLimits.OneTimeCode} characters")
            : null;
    }
}
