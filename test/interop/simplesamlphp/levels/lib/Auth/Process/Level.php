<?php

declare(strict_types=1);

namespace SimpleSAML\Module\levels\Auth\Process;

use SAML2\Constants;
use SimpleSAML\Auth\ProcessingFilter;
use SimpleSAML\Auth\State;
use SimpleSAML\Module;
use SimpleSAML\Module\saml\Error\NoAuthnContext;
use SimpleSAML\Session;
use SimpleSAML\Utils\HTTP;

/** What SimpleSAMLphp lacks: a second factor where a service provider asks for its class, and NoAuthnContext where nobody has it. */
class Level extends ProcessingFilter
{
    /** Weakest first, with the factor that each wants beside the password. */
    private const CLASSES = [
        'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport' => null,
        'https://refeds.org/profile/mfa' => 'code',
    ];

    public function process(&$state)
    {
        $names = array_keys(self::CLASSES);
        $reached = self::reached($state);
        $asked = $state['saml:RequestedAuthnContext']['AuthnContextClassRef'] ?? [];
        $wanted = array_values(array_filter(
            array_map(fn ($class) => array_search($class, $names, true), $asked),
            fn ($rank) => $rank !== false
        ));
        if ($asked === []) {
            $state['saml:AuthnContextClassRef'] = $names[$reached];
            return;
        }
        foreach ($wanted as $rank) {
            if ($rank <= $reached) {
                $state['saml:AuthnContextClassRef'] = $names[in_array($reached, $wanted, true) ? $reached : $rank];
                return;
            }
        }
        if ($wanted !== [] && in_array('code', $state['Attributes']['factors'] ?? [], true)) {
            $state['levels:target'] = $wanted[0];
            $id = State::saveState($state, 'levels:factor');
            HTTP::redirectTrustedURL(Module::getModuleURL('levels/factor.php'), ['StateId' => $id]);
        }
        State::throwException($state, new NoAuthnContext(Constants::STATUS_RESPONDER, 'Nobody here can do that.'));
    }

    /** The second factor was given: remembered for as long as the password that it came with. */
    public static function remember(array &$state): void
    {
        $rank = $state['levels:target'];
        $data = ['instant' => self::instant($state), 'rank' => $rank];
        Session::getSessionFromRequest()->setData('levels', 'reached', $data, Session::DATA_TIMEOUT_SESSION_END);
        $state['saml:AuthnContextClassRef'] = array_keys(self::CLASSES)[$rank];
    }

    private static function reached(array $state): int
    {
        $data = Session::getSessionFromRequest()->getData('levels', 'reached');
        return is_array($data) && $data['instant'] === self::instant($state) ? $data['rank'] : 0;
    }

    private static function instant(array $state): ?int
    {
        return Session::getSessionFromRequest()->getAuthData($state['IdPMetadata']['auth'], 'AuthnInstant');
    }
}
