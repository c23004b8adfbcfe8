<?php

declare(strict_types=1);

// The page of the second factor: the code is always 123456.
use SimpleSAML\Auth\ProcessingChain;
use SimpleSAML\Auth\State;
use SimpleSAML\Module\levels\Auth\Process\Level;

$state = State::loadState($_REQUEST['StateId'] ?? '', 'levels:factor');
if (($_POST['code'] ?? '') === '123456') {
    Level::remember($state);
    ProcessingChain::resumeProcessing($state);
}
header('Content-Type: text/html; charset=utf-8');
$id = htmlspecialchars($_REQUEST['StateId'] ?? '', ENT_QUOTES);
echo '<!DOCTYPE html><title>Second factor</title><form method="post" action="?">',
    "<input type=\"hidden\" name=\"StateId\" value=\"$id\"><label>Code <input name=\"code\"></label><button>Verify</button></form>";
