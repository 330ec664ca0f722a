using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>Whether a send's button parameters fit.</summary>
internal static class ButtonFit
{
    public static TemplateMismatch? Check(ImmutableArray<TemplateButton> buttons, ImmutableArray<SentComponent> components)
    {
        for (var i = 0; i < components.Length; i++)
        {
            if (components[i].Type.Is("button") && Misplaced(components, i, buttons.Length) is { } misplaced)
            {
                return misplaced;
            }
        }

        for (var i = 0; i < buttons.Length; i++)
        {
            if (Check(buttons[i], $"button {i}", For(i, components)) is { } mismatch)
            {
                return mismatch;
            }
        }

        return null;
    }

    private static TemplateMismatch? Misplaced(ImmutableArray<SentComponent> components, int at, int buttons)
    {
        var index = components[at].Index;
        if (index < 0 || index >= buttons)
        {
            return TemplateMismatch.Other($"button {index}", $"the template has {buttons} buttons");
        }

        for (var i = 0; i < at; i++)
        {
            if (components[i].Type.Is("button") && components[i].Index == index)
            {
                return TemplateMismatch.Other($"button {index}", "given more than once");
            }
        }

        return null;
    }

    private static SentComponent? For(int index, ImmutableArray<SentComponent> components)
    {
        foreach (var component in components)
        {
            if (component.Type.Is("button") && component.Index == index)
            {
                return component;
            }
        }

        return null;
    }

    private static TemplateMismatch? Check(TemplateButton button, string where, SentComponent? sent)
    {
        var parameters = sent is { Parameters: { IsDefault: false } given } ? given : [];
        if (sent is { } component && !Takes(button.Type, component.SubType))
        {
            return TemplateMismatch.Format(where, "the sub_type is not the template's");
        }

        return button.Type switch
        {
            ButtonType.QuickReply => QuickReply(where, parameters),
            ButtonType.Url => Url(button.Url ?? "", where, parameters),
            ButtonType.PhoneNumber => parameters.IsEmpty ? null : TemplateMismatch.Count(where, parameters.Length, 0),
            ButtonType.CopyCode => CopyCode(where, parameters),
            ButtonType.Otp => TemplateFit.OneTimeCode(where, parameters),
        };
    }

    private static bool Takes(ButtonType type, string? subType) => type switch
    {
        ButtonType.QuickReply => subType.Is("quick_reply"),
        ButtonType.Url => subType.Is("url"),
        ButtonType.PhoneNumber => subType.Is("phone_number"),
        ButtonType.CopyCode => subType.Is("copy_code"),

        // The wire format fills in a one-time code as if its button were an address.
        ButtonType.Otp => subType.Is("url") || subType.Is("otp") || subType.Is("copy_code"),
    };

    private static TemplateMismatch? QuickReply(string where, ImmutableArray<SentParameter> parameters)
    {
        if (parameters.IsEmpty)
        {
            return null;
        }

        if (parameters.Length > 1)
        {
            return TemplateMismatch.Count(where, parameters.Length, 1);
        }

        if (!parameters[0].Type.Is("payload") || string.IsNullOrEmpty(parameters[0].Text))
        {
            return TemplateMismatch.Format(where, "a quick reply takes a payload");
        }

        var length = TextLength.Of(parameters[0].Text);
        return length > TemplateLimits.Payload ? TemplateMismatch.TooLong(where, length, TemplateLimits.Payload) : null;
    }

    private static TemplateMismatch? Url(string url, string where, ImmutableArray<SentParameter> parameters)
    {
        var variables = Placeholders.CountIn(url);
        if (parameters.Length != variables)
        {
            return TemplateMismatch.Count(where, parameters.Length, variables);
        }

        if (variables == 0)
        {
            return null;
        }

        if (!parameters[0].Type.Is("text") || string.IsNullOrWhiteSpace(parameters[0].Text))
        {
            return TemplateMismatch.Format(where, "the address takes a text");
        }

        var length = TextLength.Of(url) - "{{1}}".Length + TextLength.Of(parameters[0].Text);
        return length > TemplateLimits.Url ? TemplateMismatch.TooLong(where, length, TemplateLimits.Url) : null;
    }

    private static TemplateMismatch? CopyCode(string where, ImmutableArray<SentParameter> parameters)
    {
        if (parameters.Length != 1)
        {
            return TemplateMismatch.Count(where, parameters.Length, 1);
        }

        var code = parameters[0];
        if (!code.Type.Is("coupon_code") || string.IsNullOrEmpty(code.Text) || !code.Text.All(char.IsAsciiLetterOrDigit))
        {
            return TemplateMismatch.Format(where, "the code must be a coupon_code of letters and digits");
        }

        return code.Text.Length > TemplateLimits.Coupon ? TemplateMismatch.TooLong(where, code.Text.Length, TemplateLimits.Coupon) : null;
    }
}
